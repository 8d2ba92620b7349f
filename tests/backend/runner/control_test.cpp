// SPDX-License-Identifier: GPL-3.0-or-later
// Pause, step, stop, live changes: what a person does to a run under way.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

constexpr const char* temperature = "distillation.temperature";

class ControlTest : public testing::Test {
  protected:
    ControlTest() {
        settings_->step_microseconds = 300;
        config_ = small_config(400);
        config_.teacher.training.epochs = 1;
        config_.student.train_alone = false;
        auto session = Session::create(folder_ / "project", config_, host_);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        driver_ = std::make_unique<SessionDriver>(*session_);
    }

    void start_and_reach(std::int64_t step) {
        ASSERT_TRUE(session_->start(config_));
        ASSERT_TRUE(driver_->until_step(Role::student, step));
    }

    void stop_and_end() {
        session_->send(Stop{});
        ASSERT_TRUE(driver_->until_finished());
    }

    RunRecord student() { return driver_->run(Role::student); }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine(settings_));
    ExperimentConfig config_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<SessionDriver> driver_;
};

TEST_F(ControlTest, PauseStopsThePointsAndResumeBringsThemBack) {
    start_and_reach(50);
    session_->send(Pause{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    const auto count = driver_->points(student().id, "train/loss").size();
    const auto steps = settings_->steps.load();
    EXPECT_EQ(count, static_cast<std::size_t>(student().step)) << "all steps up to the pause were told";
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    driver_->poll();
    EXPECT_EQ(driver_->points(student().id, "train/loss").size(), count);
    EXPECT_EQ(settings_->steps, steps);
    session_->send(Resume{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::running));
    ASSERT_TRUE(
        driver_->until([&] { return driver_->points(student().id, "train/loss").size() > count + 20; }));
    stop_and_end();
}

TEST_F(ControlTest, StepOnceDoesOneStepAndPauses) {
    start_and_reach(20);
    session_->send(Pause{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    const auto step = student().step;
    for (int i = 1; i <= 3; ++i) {
        session_->send(StepOnce{});
        ASSERT_TRUE(driver_->until([&] { return student().step == step + i; }));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    driver_->poll();
    EXPECT_EQ(student().step, step + 3);
    EXPECT_EQ(student().state, RunState::paused);
    EXPECT_EQ(driver_->points(student().id, "train/loss").size(), static_cast<std::size_t>(step + 3));
    stop_and_end();
    EXPECT_EQ(student().state, RunState::stopped);
}

TEST_F(ControlTest, AChangeIsAnEventInTheDocumentAndInTheNumbers) {
    start_and_reach(50);
    session_->send(SetLive{temperature, 2.5});
    ASSERT_TRUE(driver_->until([&] { return !driver_->events.empty(); }));
    const RunEvent event = driver_->events[0];
    EXPECT_EQ(event.run, student().id);
    EXPECT_EQ(event.what, temperature);
    EXPECT_EQ(event.from, 4.0);
    EXPECT_EQ(event.to, 2.5);
    EXPECT_GE(event.step, 50);
    ASSERT_TRUE(driver_->until_step(Role::student, event.step + 20));
    stop_and_end();
    EXPECT_EQ(*session_->events(event.run), std::vector<RunEvent>{event});
    // The soft term is distance / T: it jumps by 4 / 2.5 where the change was made, and nowhere before.
    const auto soft = *session_->points(event.run, "train/soft");
    const auto distance = *session_->points(event.run, "train/predictive_kl");
    for (std::size_t i = 0; i < soft.size(); ++i) {
        EXPECT_NEAR(distance[i].mean / soft[i].mean, soft[i].step <= event.step ? 4.0 : 2.5, 1e-6)
            << soft[i].step;
    }
}

TEST_F(ControlTest, AChangeInAPauseIsAppliedAtOnceAndResumeStaysBehindIt) {
    start_and_reach(30);
    session_->send(Pause{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    session_->send(SetLive{"distillation.hard_weight", 0.5});
    ASSERT_TRUE(driver_->until([&] { return driver_->events.size() == 1; }));
    EXPECT_EQ(driver_->events[0].step, student().step);
    session_->send(SetLive{"distillation.soft_weight", 0.25});
    session_->send(SetLive{"training.learning_rate", 0.125});
    session_->send(Resume{});
    ASSERT_TRUE(driver_->until([&] { return driver_->events.size() == 3; }));
    for (const RunEvent& event : driver_->events)
        EXPECT_EQ(event.step, driver_->events[0].step) << event.what;
    stop_and_end();
}

TEST_F(ControlTest, ValuesOutOfRangeAndSettingsThatAreNotLiveAreRefusedInWords) {
    start_and_reach(10);
    session_->send(SetLive{temperature, -1});
    session_->send(SetLive{temperature, std::numeric_limits<double>::quiet_NaN()});
    session_->send(SetLive{"training.batch_size", 8});
    session_->send(SetLive{"distillation.temprature", 8});
    ASSERT_TRUE(driver_->until([&] { return driver_->errors.size() == 4; }));
    EXPECT_EQ(driver_->errors[0].field, temperature);
    EXPECT_NE(driver_->errors[0].message.find("between"), std::string::npos) << driver_->errors[0].message;
    EXPECT_EQ(driver_->errors[2].field, "training.batch_size");
    EXPECT_NE(driver_->errors[3].message.find(temperature), std::string::npos) << driver_->errors[3].message;
    stop_and_end();
    EXPECT_TRUE(session_->events(student().id)->empty());
}

TEST_F(ControlTest, TheSecondWeightCannotBecomeZeroToo) {
    start_and_reach(20);
    session_->send(SetLive{"distillation.soft_weight", 0});
    ASSERT_TRUE(driver_->until([&] { return driver_->events.size() == 1; }));
    session_->send(SetLive{"distillation.hard_weight", 0});
    ASSERT_TRUE(driver_->until([&] { return !driver_->errors.empty(); }));
    EXPECT_NE(driver_->errors[0].message.find("nothing would be learned"), std::string::npos);
    EXPECT_EQ(driver_->errors[0].field, "distillation.hard_weight");
    session_->send(SetLive{"distillation.soft_weight", 0.5});
    session_->send(SetLive{"distillation.hard_weight", 0});
    ASSERT_TRUE(driver_->until([&] { return driver_->events.size() == 3; }));
    EXPECT_EQ(driver_->errors.size(), 1u);
    stop_and_end();
}

TEST_F(ControlTest, ATemperatureChangedWhileTheTeacherTrainsIsTheQueuedStudents) {
    config_.teacher.training.epochs = 300;
    ASSERT_TRUE(session_->start(config_));
    ASSERT_TRUE(driver_->until_step(Role::teacher, 10));
    session_->send(SetLive{temperature, 7});
    session_->send(SetLive{"training.learning_rate", 0.02}); // the teacher's: it is the one that is on
    ASSERT_TRUE(driver_->until([&] { return student().config.distillation.temperature == 7; }));
    ASSERT_TRUE(driver_->until([&] { return !driver_->events.empty(); }));
    EXPECT_EQ(driver_->events[0].run, driver_->run(Role::teacher).id);
    EXPECT_EQ(driver_->events[0].to, 0.02);
    settings_->step_microseconds = 0;
    ASSERT_TRUE(driver_->until_step(Role::student, 10));
    stop_and_end();
    const auto events = *session_->events(student().id);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].step, 0);
    EXPECT_EQ(events[0].from, 4);
    EXPECT_EQ(events[0].to, 7);
    EXPECT_EQ(student().config.training.learning_rate, config_.training.learning_rate);
    const auto soft = session_->points(student().id, "train/soft")->front();
    const auto distance = session_->points(student().id, "train/predictive_kl")->front();
    EXPECT_NEAR(distance.mean / soft.mean, 7, 1e-6);
}

TEST_F(ControlTest, StopsQuicklyAlsoInAnEvaluationOrAPause) {
    settings_->evaluation_microseconds = 20'000;
    ASSERT_TRUE(session_->start(config_));
    session_->send(Stop{});
    ASSERT_TRUE(driver_->until_finished(2));
    EXPECT_FALSE(session_->running());
    const auto runs = session_->runs();
    EXPECT_TRUE(is_unfinished(runs[0].state)) << "stopped, or still queued when the stop was quicker";
    EXPECT_EQ(runs[1].state, RunState::queued);
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_step(Role::student, 5));
    session_->send(Pause{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    stop_and_end();
    EXPECT_EQ(student().state, RunState::stopped);
}

TEST_F(ControlTest, EvaluatesAndSavesWhenAsked) {
    start_and_reach(33);
    session_->send(Pause{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    const auto before = driver_->points(student().id, "validation/accuracy").size();
    session_->send(EvaluateNow{});
    session_->send(EvaluateNow{}); // of the same weights: no second point
    session_->send(CheckpointNow{});
    session_->send(StepOnce{});
    const auto step = student().step;
    ASSERT_TRUE(driver_->until([&] { return student().step == step + 1; }));
    // An epoch of nine steps evaluates by itself, before the pause or after the single step.
    const std::size_t asked = step % 9 == 0 ? 0 : 1, by_itself = (step + 1) % 9 == 0 ? 1 : 0;
    EXPECT_EQ(driver_->points(student().id, "validation/accuracy").size(), before + asked + by_itself);
    EXPECT_EQ(driver_->answers->step, by_itself ? step + 1 : step);
    stop_and_end();
}

TEST_F(ControlTest, ClosingTheSessionStopsAndSavesPromptly) {
    start_and_reach(40);
    const auto begin = std::chrono::steady_clock::now();
    session_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    auto again = Session::open(folder_ / "project", Project::Access::write, host_);
    ASSERT_TRUE(again) << again.error().message;
    const RunRecord run = (*again)->runs().back();
    EXPECT_EQ(run.state, RunState::stopped);
    EXPECT_GE(run.step, 40);
    EXPECT_EQ((*again)->points(run.id, "train/loss")->size(), static_cast<std::size_t>(run.step));
    EXPECT_TRUE((*again)->resume(run.id));
}

TEST_F(ControlTest, OrdersAfterTheEndAreIgnored) {
    config_.training.epochs = 1;
    ASSERT_TRUE(session_->start(config_));
    ASSERT_TRUE(driver_->until_finished());
    session_->send(Pause{});
    session_->send(Stop{});
    session_->send(SetLive{temperature, 2});
    ASSERT_TRUE(session_->start([&] {
        ExperimentConfig other = config_;
        other.distillation.temperature = 9;
        return other;
    }()));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(student().state, RunState::finished);
}

} // namespace
} // namespace limbeck::test
