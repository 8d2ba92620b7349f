// SPDX-License-Identifier: GPL-3.0-or-later
// Changes by hand in a run of the real engine: a repeat and a resumed run apply them at the same steps and
// come to the same numbers to the bit.
#include <gtest/gtest.h>

#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

class LiveEngine : public testing::TestWithParam<std::string> {
  protected:
    static EngineMaker engine() {
        EngineOptions options;
        options.threads = 1;
        return engine_loader(options);
    }

    /// Pauses the student, makes the change and goes on: it acts at a step that cannot be missed.
    void change(const std::string& key, double value) {
        session->send(Pause{});
        ASSERT_TRUE(driver->until_state(Role::student, RunState::paused));
        const std::size_t events = driver->events.size();
        session->send(SetLive{key, value});
        ASSERT_TRUE(driver->until([&] { return driver->events.size() > events; }));
        session->send(StepOnce{});
        session->send(Resume{});
    }

    void expect_the_same(RunId one, RunId other) {
        const auto points = all_points(*session, one);
        EXPECT_GT(points.size(), 10u);
        EXPECT_EQ(points, all_points(*session, other));
        EXPECT_EQ(*session->weights(one, "last"), *session->weights(other, "last"));
        EXPECT_EQ(*session->weights(one, "best"), *session->weights(other, "best"));
    }

    TemporaryFolder folder;
    std::shared_ptr<EngineHost> host = std::make_shared<EngineHost>(engine());
    std::unique_ptr<Session> session;
    std::unique_ptr<SessionDriver> driver;
};

TEST_P(LiveEngine, RepeatsAndResumesWithTheChangesOfTheFirstRun) {
    ExperimentConfig config = small_config(60, 1200);
    config.student.train_alone = false;
    config.teacher.training.epochs = 2;
    config.training.optimizer = GetParam();
    config.training.learning_rate = 0.01;
    session = std::move(Session::create(folder / "project", config, host).value());
    driver = std::make_unique<SessionDriver>(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver->until_step(Role::student, 20));
    change("distillation.temperature", 2);
    change("distillation.soft_weight", 0.4);
    change("distillation.hard_weight", 0.6);
    change("training.learning_rate", 0.02);
    ASSERT_TRUE(driver->until_finished());
    const RunId first = driver->run(Role::student).id;
    ASSERT_EQ(session->events(first)->size(), 4u);
    const std::int64_t last_change = session->events(first)->back().step;
    ASSERT_LT(last_change, driver->run(Role::student).total_steps);

    ASSERT_TRUE(session->repeat(first));
    ASSERT_TRUE(driver->until_finished());
    const RunId again = driver->run(Role::student).id;
    ASSERT_NE(again, first);
    expect_the_same(first, again);

    // A repeat that is stopped before, or between, or after the changes, and goes on.
    ASSERT_TRUE(session->repeat(first));
    ASSERT_TRUE(driver->until([&] {
        const RunRecord run = driver->run(Role::student);
        return run.id > again && run.step > 0;
    }));
    session->send(Stop{});
    ASSERT_TRUE(driver->until_finished());
    const RunRecord stopped = driver->run(Role::student);
    ASSERT_EQ(stopped.state, RunState::stopped) << "at step " << stopped.step;
    ASSERT_TRUE(session->resume(stopped.id));
    ASSERT_TRUE(driver->until_finished());
    EXPECT_TRUE(driver->errors.empty()) << driver->errors[0].message;
    expect_the_same(first, stopped.id);
}

INSTANTIATE_TEST_SUITE_P(Optimizer, LiveEngine, testing::Values("sgd", "adamw"));

} // namespace
} // namespace limbeck::test
