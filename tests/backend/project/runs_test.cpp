// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include "backend/project/schema.h"
#include "backend/project/sqlite.h"
#include "backend/project/table.h"
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

/// Found by the fuzzer: a file may hold any number with a right check sum.
TEST_F(ProjectRuns, RefuseWhatCannotBeNumberedAfterTheLargestNumber) {
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    RunRecord run;
    run.group = largest;
    const RunId id = value_of(project_->add_run(run));
    const auto group = project_->next_group();
    ASSERT_FALSE(group);
    EXPECT_NE(group.error().message.find("group of runs with the number 9223372036854775807"),
              std::string::npos);
    project_.reset();
    {
        Database database(folder_ / "p" / "project.limbeck", Database::Mode::write, "p");
        write_row(database, event_table, {id, largest, std::int64_t{0}, "first", 1.0, 2.0, ""});
        write_row(database, setting_table, {"next_run", std::to_string(largest)});
    }
    reopen();
    const auto before = value_of(project_->events(id));
    ASSERT_EQ(before.size(), 1U);
    RunEvent second;
    second.run = id;
    second.what = "second";
    const auto event = project_->add_event(second);
    ASSERT_FALSE(event);
    EXPECT_NE(event.error().message.find("change with the number"), std::string::npos);
    EXPECT_EQ(value_of(project_->events(id)), before) << "nothing was replaced";
    EXPECT_FALSE(project_->add_run({}));
    EXPECT_EQ(value_of(project_->runs()).size(), 1U);
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
