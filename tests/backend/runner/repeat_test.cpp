// SPDX-License-Identifier: GPL-3.0-or-later
// Stop and resume, kill and resume, repeat: the same numbers to the bit.
#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using Points = std::map<std::string, std::vector<MetricPoint>>;

struct Outcome {
    Points points;
    TensorMap last, best;
    RunSummary summary;
    std::vector<RunEvent> events;
};

Outcome outcome_of(const Session& session, RunId run) {
    Outcome outcome{all_points(session, run), {}, {}, session.summary(run), {}};
    if (auto weights = session.weights(run, "last")) outcome.last = *weights;
    if (auto weights = session.weights(run, "best")) outcome.best = *weights;
    if (auto events = session.events(run)) outcome.events = *events;
    return outcome;
}

void expect_equal(const Outcome& one, const Outcome& other) {
    ASSERT_FALSE(one.points.empty());
    for (const auto& [name, points] : one.points) {
        ASSERT_TRUE(other.points.contains(name)) << name;
        EXPECT_EQ(points, other.points.at(name)) << name;
    }
    EXPECT_EQ(one.points.size(), other.points.size());
    EXPECT_EQ(one.last, other.last);
    EXPECT_EQ(one.best, other.best);
    EXPECT_EQ(one.summary.best_accuracy, other.summary.best_accuracy);
    EXPECT_EQ(one.summary.best_epoch, other.summary.best_epoch);
    ASSERT_EQ(one.events.size(), other.events.size());
    for (std::size_t i = 0; i < one.events.size(); ++i) {
        EXPECT_EQ(one.events[i].step, other.events[i].step);
        EXPECT_EQ(one.events[i].what, other.events[i].what);
        EXPECT_EQ(one.events[i].to, other.events[i].to);
    }
}

class RepeatTest : public testing::TestWithParam<std::int64_t> {
  protected:
    RepeatTest() {
        config_ = small_config(60); // nine steps an epoch
        config_.student.train_alone = false;
        config_.teacher.training.epochs = 1;
        options_.points_per_series = GetParam();
    }

    std::shared_ptr<EngineHost> host() { return std::make_shared<EngineHost>(fake_engine(settings_)); }

    std::unique_ptr<Session> create(const std::string& name) {
        auto session = Session::create(folder_ / name, config_, host(), {}, options_);
        if (!session) throw std::runtime_error(session.error().message);
        return std::move(*session);
    }

    Outcome uninterrupted() {
        auto session = create("whole");
        SessionDriver driver(*session);
        EXPECT_TRUE(session->start(config_));
        EXPECT_TRUE(driver.until_finished());
        return outcome_of(*session, driver.run(Role::student).id);
    }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    ExperimentConfig config_;
    SessionOptions options_;
};

// With all points, and with four steps to a point: a stop in the middle of a bucket must not show either.
INSTANTIATE_TEST_SUITE_P(Cap, RepeatTest, testing::Values(100'000, 150));

TEST_P(RepeatTest, StoppedAndResumedAgainAndAgainIsTheSameAsUninterrupted) {
    const Outcome whole = uninterrupted();
    auto session = create("parts");
    auto driver = std::make_unique<SessionDriver>(*session);
    settings_->hold_before_step = 1;
    ASSERT_TRUE(session->start(config_));
    // In the first step, in the middle of an epoch, at the end of one (nine steps), and in the middle again.
    for (const std::int64_t step : {1, 100, 198, 333}) {
        ASSERT_TRUE(driver->until([&] { return settings_->held.load(); })) << step;
        session->send(Stop{});
        settings_->hold_before_step = step == 1 ? 100 : step == 100 ? 198 : step == 198 ? 333 : -1;
        ASSERT_TRUE(driver->until_finished());
        EXPECT_EQ(driver->run(Role::student).state, RunState::stopped);
        EXPECT_EQ(driver->run(Role::student).step, step);
        driver.reset();
        session.reset(); // another process, as it were
        auto again = Session::open(folder_ / "parts", Project::Access::write, host(), {}, options_);
        ASSERT_TRUE(again) << again.error().message;
        session = std::move(*again);
        driver = std::make_unique<SessionDriver>(*session);
        const auto resumed = session->resume({});
        ASSERT_TRUE(resumed) << resumed.error().message;
    }
    ASSERT_TRUE(driver->until_finished());
    EXPECT_TRUE(driver->errors.empty()) << driver->errors[0].message;
    EXPECT_EQ(driver->run(Role::student).state, RunState::finished);
    expect_equal(whole, outcome_of(*session, driver->run(Role::student).id));
}

TEST_P(RepeatTest, AKilledProcessIsResumedFromItsLastCheckpointToTheSameBits) {
    const Outcome whole = uninterrupted();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) { // nothing but the session: no gtest, no exit handlers
        settings_->step_microseconds = 3000;
        options_.write_seconds = 0.1;
        auto session = create("killed");
        SessionDriver driver(*session);
        if (!session->start(config_)) _exit(1);
        driver.until_finished(600);
        _exit(0);
    }
    // Wait until it has saved a student's checkpoint, then kill it in the middle of things.
    std::int64_t saved = 0;
    for (int i = 0; i < 2000 && saved < 30; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        auto project = Project::open(folder_ / "killed", Project::Access::view);
        if (!project) continue;
        const auto runs = (*project)->runs();
        if (!runs || runs->size() < 2) continue;
        const auto checkpoint = (*project)->checkpoint(2, "last");
        if (checkpoint && *checkpoint) saved = (**checkpoint).step;
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_GE(saved, 30);

    auto session = Session::open(folder_ / "killed", Project::Access::write, host(), {}, options_);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->runs()[1].state, RunState::interrupted);
    SessionDriver driver(**session);
    const auto resumed = (*session)->resume({});
    ASSERT_TRUE(resumed) << resumed.error().message;
    ASSERT_TRUE(driver.until_finished());
    EXPECT_TRUE(driver.errors.empty()) << driver.errors[0].message;
    expect_equal(whole, outcome_of(**session, 2));
}

TEST_P(RepeatTest, ARepeatWithItsChangesGivesTheSameNumbers) {
    settings_->step_microseconds = 1000;
    auto session = create("original");
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config_));
    std::int64_t step = 40;
    for (const SetLive& change :
         {SetLive{"distillation.temperature", 2}, SetLive{"distillation.soft_weight", 0.3},
          SetLive{"training.learning_rate", 0.2}}) {
        ASSERT_TRUE(driver.until_step(Role::student, step));
        session->send(change);
        ASSERT_TRUE(
            driver.until([&] { return !driver.events.empty() && driver.events.back().what == change.key; }));
        step += 100;
    }
    ASSERT_TRUE(driver.until_finished());
    const RunId original = driver.run(Role::student).id;
    ASSERT_EQ(session->events(original)->size(), 3u);

    settings_->step_microseconds = 0;
    ASSERT_TRUE(session->repeat(original));
    ASSERT_TRUE(driver.until_finished());
    const RunRecord again = driver.run(Role::student);
    EXPECT_NE(again.id, original);
    EXPECT_EQ(again.parent, original);
    EXPECT_EQ(again.state, RunState::finished) << again.error;
    expect_equal(outcome_of(*session, original), outcome_of(*session, again.id));
}

TEST_P(RepeatTest, ChangesAfterTheCheckpointAreAppliedAgainOnResuming) {
    settings_->step_microseconds = 300;
    auto session = create("changed");
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config_));
    ASSERT_TRUE(driver.until_step(Role::student, 50));
    session->send(SetLive{"distillation.temperature", 2});
    ASSERT_TRUE(driver.until([&] { return !driver.events.empty(); }));
    const std::int64_t changed_at = driver.events[0].step;
    ASSERT_TRUE(driver.until_finished());
    const RunId run = driver.run(Role::student).id;
    const Outcome whole = outcome_of(*session, run);
    session.reset();

    // As if the process had been killed before it saved anything: the record says running, no checkpoint is
    // there.
    {
        auto project = Project::open(folder_ / "changed", Project::Access::write);
        ASSERT_TRUE(project);
        auto record = *(*project)->run(run);
        RunRecord fresh = record;
        fresh.state = RunState::running;
        const auto id = (*project)->add_run(fresh);
        ASSERT_TRUE(id);
        RunEvent event = whole.events[0];
        event.run = *id;
        ASSERT_TRUE((*project)->add_event(event));
    }
    auto again = Session::open(folder_ / "changed", Project::Access::write, host(), {}, options_);
    ASSERT_TRUE(again);
    SessionDriver other(**again);
    const RunId copy = (*again)->runs().back().id;
    EXPECT_EQ((*again)->runs().back().state, RunState::interrupted);
    ASSERT_TRUE((*again)->resume(copy));
    ASSERT_TRUE(other.until_finished());
    expect_equal(whole, outcome_of(**again, copy));
    ASSERT_EQ((*again)->events(copy)->size(), 1u);
    EXPECT_EQ((*again)->events(copy)->front().step, changed_at);
}

TEST_P(RepeatTest, AFinishedRunGoesOnOnlyWithMoreEpochs) {
    auto session = create("longer");
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config_));
    ASSERT_TRUE(driver.until_finished());
    const RunRecord run = driver.run(Role::student);
    const auto nothing = session->resume({});
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, ErrorKind::usage);
    EXPECT_FALSE(session->resume(run.id));
    EXPECT_FALSE(session->resume(run.id, 60));
    EXPECT_FALSE(session->resume(77));
    ASSERT_TRUE(session->resume(run.id, 80));
    ASSERT_TRUE(driver.until_finished());
    const RunRecord longer = driver.run(Role::student);
    EXPECT_EQ(longer.state, RunState::finished) << longer.error;
    EXPECT_EQ(longer.epoch, 80);
    EXPECT_EQ(longer.config.training.epochs, 80);
    EXPECT_EQ(session->points(run.id, "validation/accuracy")->size(), 81u);

    // Where the epochs grew is an event of the run: a repeat has the first sixty on the short schedule too.
    const auto events = *session->events(run.id);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].what, "training.epochs");
    EXPECT_EQ(events[0].step, run.total_steps);
    EXPECT_EQ(events[0].to, 80);
    ASSERT_TRUE(session->repeat(run.id));
    ASSERT_TRUE(driver.until_finished());
    const RunRecord again = driver.run(Role::student);
    EXPECT_EQ(again.state, RunState::finished) << again.error;
    EXPECT_EQ(again.parent, run.id);
    EXPECT_EQ(again.epoch, 80);
    EXPECT_TRUE(driver.errors.empty()) << driver.errors[0].message;
    EXPECT_EQ(*session->weights(again.id, "last"), *session->weights(run.id, "last"));
    if (options_.points_per_series > run.total_steps * 2) {
        expect_equal(outcome_of(*session, run.id), outcome_of(*session, again.id));
    }
}

} // namespace
} // namespace limbeck::test
