// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "backend/project/file_system.h"
#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

/// A project in a folder of its own with an engine that is quick unless told otherwise.
class SessionTest : public testing::Test {
  protected:
    std::unique_ptr<Session> create(const ExperimentConfig& config, SessionOptions options = {}) {
        auto session = Session::create(folder_ / "project", config, host_, {}, options);
        if (!session) ADD_FAILURE() << session.error().message;
        return session ? std::move(*session) : nullptr;
    }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine(settings_));
};

TEST_F(SessionTest, TrainsTeacherStudentAloneAndStudentAndWritesAllOfIt) {
    const ExperimentConfig config = small_config(3);
    auto session = create(config);
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    EXPECT_FALSE(session->running());
    EXPECT_TRUE(driver.errors.empty()) << driver.errors[0].message;

    const auto runs = session->runs();
    ASSERT_EQ(runs.size(), 3u);
    EXPECT_EQ(runs[0].role, Role::teacher);
    EXPECT_EQ(runs[1].role, Role::baseline);
    EXPECT_EQ(runs[2].role, Role::student);
    EXPECT_EQ(runs[0].name, "teacher mlp");
    EXPECT_EQ(runs[1].name, "student alone");
    EXPECT_EQ(runs[2].name, "T4 soft 0.9 seed 0");
    EXPECT_EQ(runs[2].teacher, runs[0].id);
    EXPECT_EQ(runs[2].baseline, runs[1].id);
    EXPECT_EQ(runs[2].teacher_weights.size(), 64u);
    for (const RunRecord& run : runs) {
        EXPECT_EQ(run.state, RunState::finished) << run.name;
        EXPECT_EQ(run.step, run.total_steps) << run.name;
        EXPECT_EQ(run.epoch, 3) << run.name;
        EXPECT_GT(run.total_steps, 0) << run.name;
        EXPECT_EQ(run.device, "cpu") << run.name;
        EXPECT_EQ(run.dataset_fingerprint.size(), 64u) << run.name;
        EXPECT_FALSE(run.finished.empty()) << run.name;

        const auto loss = session->points(run.id, "train/loss");
        ASSERT_TRUE(loss);
        EXPECT_EQ(loss->size(), static_cast<std::size_t>(run.total_steps)) << run.name;
        EXPECT_EQ(driver.points(run.id, "train/loss"), *loss) << "the feed is what the document says";
        const auto accuracy = session->points(run.id, "validation/accuracy");
        ASSERT_EQ(accuracy->size(), 4u) << "one at the start, one an epoch";
        EXPECT_EQ(accuracy->front().step, 0);
        EXPECT_EQ(accuracy->back().step, run.total_steps);
        EXPECT_EQ(session->points(run.id, "test/accuracy")->size(), 4u);
        EXPECT_TRUE(session->weights(run.id, "last"));
        EXPECT_TRUE(session->weights(run.id, "best"));

        const RunSummary summary = session->summary(run.id);
        double best = -1;
        std::int64_t best_step = 0;
        for (const auto& point : *accuracy) {
            if (point.mean > best) best = point.mean, best_step = point.step;
        }
        EXPECT_EQ(summary.best_accuracy, best) << run.name;
        EXPECT_EQ(summary.best_epoch, best_step / (run.total_steps / 3)) << run.name;
        EXPECT_EQ(summary.last_accuracy, accuracy->back().mean) << run.name;
    }
    ASSERT_TRUE(driver.answers);
    EXPECT_EQ(driver.answers->run, runs[2].id);
    EXPECT_EQ(driver.answers->step, runs[2].total_steps);
    EXPECT_NEAR(driver.progress->group_fraction, 1, 1e-9);
}

TEST_F(SessionTest, ShowsTheSameAfterReopening) {
    const ExperimentConfig config = small_config(2);
    std::map<std::string, std::vector<MetricPoint>> points;
    TensorMap weights;
    {
        auto session = create(config);
        SessionDriver driver(*session);
        ASSERT_TRUE(session->start(config));
        ASSERT_TRUE(driver.until_finished());
        points = all_points(*session, 3);
        weights = *session->weights(3, "last");
    }
    auto session = Session::open(folder_ / "project", Project::Access::view, host_);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->config(), config);
    EXPECT_EQ((*session)->runs().size(), 3u);
    EXPECT_EQ(all_points(**session, 3), points);
    EXPECT_EQ(*(*session)->weights(3, "last"), weights);
    const auto refused = (*session)->start(config);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::document);
}

TEST_F(SessionTest, KeepsAnEqualTeacherAndStudentAloneAndSaysSo) {
    ExperimentConfig config = small_config(2);
    auto session = create(config);
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    config.distillation.temperature = 2;
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    auto runs = session->runs();
    ASSERT_EQ(runs.size(), 4u);
    EXPECT_EQ(runs[3].teacher, runs[0].id);
    EXPECT_EQ(runs[3].baseline, runs[1].id);
    EXPECT_EQ(runs[3].teacher_weights, runs[2].teacher_weights);
    EXPECT_EQ(runs[3].name, "T2 soft 0.9 seed 0");
    std::string notes;
    for (const std::string& note : driver.notes)
        notes += note + "\n";
    EXPECT_NE(notes.find("Teacher kept from run 1"), std::string::npos) << notes;
    EXPECT_NE(notes.find("Student alone kept from run 2"), std::string::npos) << notes;

    config.teacher.training.learning_rate = 0.01; // another teacher; the student alone is the same
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    EXPECT_EQ(session->runs().size(), 6u);
    config.training.seed = 1; // everything anew
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    EXPECT_EQ(session->runs().size(), 9u);
    EXPECT_TRUE(driver.errors.empty());
}

TEST_F(SessionTest, TakesTheTeacherFromAFileAndKeepsItWithTheProject) {
    const ExperimentConfig config = small_config(1);
    auto session = create(config);
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    const std::string object = session->runs()[2].teacher_weights;
    const auto file = folder_ / "teacher.safetensors";
    std::filesystem::copy_file(folder_ / "project" / "objects" / object, file);

    ExperimentConfig other = config;
    other.teacher.network.weights = file.string();
    other.distillation.temperature = 3;
    ASSERT_TRUE(session->start(other));
    std::filesystem::remove(file);
    ASSERT_TRUE(driver.until_finished());
    const auto runs = session->runs();
    ASSERT_EQ(runs.size(), 4u) << "no teacher is trained";
    EXPECT_EQ(runs[3].state, RunState::finished);
    EXPECT_EQ(runs[3].teacher, std::nullopt);
    EXPECT_EQ(runs[3].teacher_weights, object);

    const auto gone = session->start(other);
    ASSERT_FALSE(gone);
    EXPECT_NE(gone.error().message.find("teacher.safetensors"), std::string::npos) << gone.error().message;
}

TEST_F(SessionTest, RefusesAWrongConfigurationAndASecondStart) {
    ExperimentConfig config = small_config(2000);
    auto session = create(config);
    ExperimentConfig wrong = config;
    wrong.training.batch_size = 0;
    const auto refused = session->start(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::configuration);
    ASSERT_TRUE(session->start(config));
    const auto second = session->start(config);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::usage);
    const auto removed = session->remove_run(1);
    EXPECT_FALSE(removed) << "a run of the group that is on";
}

TEST_F(SessionTest, KeepsLongRunsUnderTheCapInMemoryAndInTheDocument) {
    ExperimentConfig config = small_config(20'000, 220); // 10 steps an epoch
    config.student.train_alone = false;
    config.teacher.training.epochs = 1;
    SessionOptions options;
    options.points_per_series = 2'000;
    auto session = create(config, options);
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished(100));
    const RunRecord run = driver.run(Role::student);
    EXPECT_EQ(run.state, RunState::finished) << run.error;
    EXPECT_GE(run.total_steps, 150'000);
    const auto series = all_points(*session, run.id);
    EXPECT_GE(series.size(), 14u);
    for (const auto& [name, points] : series) {
        EXPECT_LE(points.size(), 2'000u) << name;
        EXPECT_GE(points.size(), 1'000u) << name;
        EXPECT_EQ(driver.points(run.id, name), points) << name;
    }
    EXPECT_EQ(series.at("train/loss").back().step, run.total_steps);
}

TEST_F(SessionTest, RenamesAndRemovesRuns) {
    const ExperimentConfig config = small_config(1);
    auto session = create(config);
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    ASSERT_TRUE(session->rename_run(3, "the good one"));
    EXPECT_EQ(session->runs()[2].name, "the good one");
    ASSERT_TRUE(session->remove_run(2));
    EXPECT_EQ(session->runs().size(), 2u);
    EXPECT_FALSE(session->remove_run(2));
}

TEST_F(SessionTest, SavesItselfElsewhereAndGoesOnThereWhileARunIsOn) {
    ExperimentConfig config = small_config(60);
    config.student.train_alone = false;
    settings_->step_microseconds = 500;
    auto session = create(config);
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_step(Role::student, 100, 60));
    const auto place = folder_ / "elsewhere";
    const auto saved = session->save_as(place);
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(session->folder(), place);
    std::filesystem::remove_all(folder_ / "project"); // the old one is not needed any more
    ASSERT_TRUE(driver.until_finished());
    EXPECT_TRUE(driver.errors.empty()) << driver.errors[0].message;
    const RunRecord run = driver.run(Role::student);
    EXPECT_EQ(run.state, RunState::finished);
    EXPECT_EQ(session->points(run.id, "train/loss")->size(), static_cast<std::size_t>(run.total_steps));
    session.reset();
    auto again = Session::open(place, Project::Access::write, host_);
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->runs().back().state, RunState::finished);
    EXPECT_TRUE((*again)->weights(run.id, "last"));
}

TEST_F(SessionTest, ShowsTheOtherRunsOfADamagedProjectAndTellsWhatIsLeftOut) {
    const ExperimentConfig config = small_config(1);
    {
        auto session = create(config);
        SessionDriver driver(*session);
        ASSERT_TRUE(session->start(config));
        ASSERT_TRUE(driver.until_finished());
        EXPECT_TRUE(session->damage().empty());
    }
    const auto file = folder_ / "project" / "project.limbeck";
    std::fstream project(file, std::ios::in | std::ios::out | std::ios::binary);
    const std::string content(std::istreambuf_iterator<char>(project), {});
    const auto overwrite = [&](const std::string& text) {
        const std::size_t at = content.find(text);
        ASSERT_NE(at, std::string::npos) << text;
        project.clear();
        project.seekp(static_cast<std::streamoff>(at));
        project.write("#####", 5);
    };
    overwrite("student alone");
    project.close();
    auto session = Session::open(file, Project::Access::view, host_);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->runs().size(), 2u);
    const auto damage = (*session)->damage();
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_NE(damage[0].what.find("run 2 is left out"), std::string::npos) << damage[0].what;
    EXPECT_TRUE((*session)->points(3, "train/loss"));
}

TEST_F(SessionTest, SaysOnceThatAProjectLiesOnANetwork) {
    set_file_system_probe([](const std::filesystem::path&) { return 0x6969L; });
    auto session = create(small_config(1));
    set_file_system_probe({});
    const Feed feed = session->poll();
    ASSERT_EQ(feed.notes.size(), 1u);
    EXPECT_NE(feed.notes[0].find("lies on a network (NFS)"), std::string::npos) << feed.notes[0];
    EXPECT_TRUE(session->poll().notes.empty());
}

} // namespace
} // namespace limbeck::test
