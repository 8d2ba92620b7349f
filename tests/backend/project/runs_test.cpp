// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

class ProjectRuns : public testing::Test {
  protected:
    TemporaryFolder folder_;
    std::unique_ptr<Project> project_ = value_of(Project::create(folder_ / "p", {}));

    void reopen() {
        project_.reset();
        project_ = value_of(Project::open(folder_ / "p", Project::Access::write));
    }
};

TEST_F(ProjectRuns, KeepsEveryFieldOfARun) {
    RunRecord wanted = unusual_run();
    wanted.id = 999; // ignored
    wanted.more_teachers = {{4, "abc"}, {std::nullopt, "def"}};
    const RunId id = value_of(project_->add_run(wanted));
    reopen();
    const RunRecord run = value_of(project_->run(id));
    EXPECT_EQ(run.id, id);
    EXPECT_EQ(run.group, wanted.group);
    EXPECT_EQ(run.role, wanted.role);
    EXPECT_EQ(run.name, wanted.name);
    EXPECT_EQ(run.state, wanted.state);
    EXPECT_EQ(run.config, wanted.config);
    EXPECT_EQ(run.parent, wanted.parent);
    EXPECT_EQ(run.baseline, std::nullopt);
    EXPECT_EQ(run.teacher, wanted.teacher);
    EXPECT_EQ(run.stage, wanted.stage);
    EXPECT_EQ(run.more_teachers, wanted.more_teachers);
    EXPECT_EQ(run.dataset_fingerprint, wanted.dataset_fingerprint);
    EXPECT_EQ(run.device, wanted.device);
    EXPECT_EQ(run.threads, wanted.threads);
    EXPECT_EQ(run.step, wanted.step);
    EXPECT_EQ(run.total_steps, wanted.total_steps);
    EXPECT_EQ(run.epoch, wanted.epoch);
    EXPECT_EQ(run.total_epochs, wanted.total_epochs);
    EXPECT_EQ(run.error, wanted.error);
    EXPECT_EQ(run.created, wanted.created);
    EXPECT_EQ(run.finished, wanted.finished);
    EXPECT_EQ(run.seconds, wanted.seconds);
}

TEST_F(ProjectRuns, NeverGivesTheNumberOfARemovedRunToAnother) {
    const RunId first = value_of(project_->add_run({}));
    const RunId second = value_of(project_->add_run({}));
    value_of(project_->remove_run(second));
    reopen();
    EXPECT_EQ(value_of(project_->add_run({})), second + 1);
    EXPECT_EQ(first + 1, second);
}

TEST_F(ProjectRuns, CountsGroups) {
    EXPECT_EQ(value_of(project_->next_group()), 1);
    RunRecord run;
    run.group = 4;
    value_of(project_->add_run(run));
    EXPECT_EQ(value_of(project_->next_group()), 5);
}

TEST_F(ProjectRuns, RemovesARunWithAllThatBelongsToItAndNothingElse) {
    fill_project(*project_);
    fill_project(*project_);
    value_of(project_->remove_run(1));
    EXPECT_FALSE(project_->run(1));
    EXPECT_TRUE(value_of(project_->series_of(1)).empty());
    EXPECT_TRUE(value_of(project_->events(1)).empty());
    EXPECT_EQ(value_of(project_->checkpoint(1, "last")), std::nullopt);
    EXPECT_EQ(value_of(project_->points(2, "train/loss")).size(), 1500u);
    EXPECT_EQ(value_of(project_->events(2)).size(), 1u);
    EXPECT_TRUE(value_of(project_->checkpoint(2, "last")).has_value());
    EXPECT_TRUE(value_of(project_->verify()).empty());
}

TEST_F(ProjectRuns, SaysWhichRunIsNotThere) {
    EXPECT_NE(error_of(project_->run(7)).find("no run 7"), std::string::npos);
    EXPECT_NE(error_of(project_->remove_run(7)).find("no run 7"), std::string::npos);
    RunRecord run;
    run.id = 7;
    EXPECT_NE(error_of(project_->update_run(run)).find("no run 7"), std::string::npos);
    EXPECT_NE(error_of(project_->append_points(7, "x", points_of_steps(0, 0))).find("no run 7"),
              std::string::npos);
}

TEST_F(ProjectRuns, ShowsARunLeftRunningByADeadWriterAsInterruptedUntilItIsTakenUpAgain) {
    RunRecord run;
    run.state = RunState::running;
    run.id = value_of(project_->add_run(run));
    EXPECT_EQ(value_of(project_->run(run.id)).state, RunState::running); // we are its living writer
    const auto viewer = value_of(Project::open(folder_ / "p", Project::Access::view));
    EXPECT_EQ(value_of(viewer->runs())[0].state, RunState::running);
    project_.reset();
    EXPECT_EQ(value_of(viewer->runs())[0].state, RunState::interrupted);
    reopen();
    EXPECT_EQ(value_of(project_->runs())[0].state, RunState::interrupted);
    value_of(project_->update_run(run));
    EXPECT_EQ(value_of(project_->runs())[0].state, RunState::running);
}

TEST_F(ProjectRuns, KeepsEventsByStepInTheOrderTheyWereMade) {
    const RunId id = value_of(project_->add_run({}));
    const RunEvent late{0, id, 20, "training.learning_rate", 0.1, 0.01, "t1"};
    const RunEvent early{0, id, 10, "distillation.temperature", 4, 2.5, "t2"};
    const RunEvent same{0, id, 10, "distillation.temperature", 2.5, -0.0, "t3"};
    const auto a = value_of(project_->add_event(late));
    const auto b = value_of(project_->add_event(early));
    const auto c = value_of(project_->add_event(same));
    reopen();
    const auto events = value_of(project_->events(id));
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].id, b);
    EXPECT_EQ(events[1].id, c);
    EXPECT_EQ(events[2].id, a);
    RunEvent wanted = early;
    wanted.id = b;
    EXPECT_EQ(events[0], wanted);

    wanted.step = 15;
    value_of(project_->update_event(wanted));
    EXPECT_EQ(value_of(project_->events(id))[1], wanted);
    wanted.id = 77;
    EXPECT_FALSE(project_->update_event(wanted));
}

TEST_F(ProjectRuns, KeepsNumbersThatSqliteWouldNot) {
    const RunId id = value_of(project_->add_run({}));
    value_of(project_->add_event({0, id, 0, "x", std::nan(""), INFINITY, ""}));
    value_of(project_->add_event({0, id, 1, "x", -0.0, 5e-324, ""}));
    const auto events = value_of(project_->events(id));
    EXPECT_TRUE(std::isnan(events[0].from));
    EXPECT_EQ(events[0].to, INFINITY);
    EXPECT_EQ(events[1].from, 0.0);
    EXPECT_EQ(events[1].to, 5e-324);
}

} // namespace
} // namespace limbeck
