// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever fails, the run says why, its last good weights are kept, and the next run works.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

class FailureTest : public testing::Test {
  protected:
    FailureTest() {
        config_ = small_config(4);
        config_.student.train_alone = false;
        settings_->only_students = true;
        auto session = Session::create(folder_ / "project", config_, host_);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        driver_ = std::make_unique<SessionDriver>(*session_);
    }

    void start_and_fail() {
        driver_->errors.clear();
        ASSERT_TRUE(session_->start(config_));
        ASSERT_TRUE(driver_->until_finished());
        EXPECT_EQ(driver_->errors.size(), 1u);
        EXPECT_FALSE(session_->running());
    }

    void expect_the_next_run_works() {
        driver_->errors.clear();
        config_.training.seed += 1;
        ASSERT_TRUE(session_->start(config_));
        ASSERT_TRUE(driver_->until_finished());
        EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
        EXPECT_EQ(session_->runs().back().state, RunState::finished) << session_->runs().back().error;
    }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine(settings_));
    ExperimentConfig config_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<SessionDriver> driver_;
};

TEST_F(FailureTest, AStudentThatCannotBeTrainedIsRefusedBeforeTheStudentAloneIsTrained) {
    ASSERT_TRUE(session_->start(config_)); // the teacher is kept from here
    ASSERT_TRUE(driver_->until_finished());
    config_.student.train_alone = true;
    settings_->refuse_prepare = true;
    const std::int64_t steps = settings_->steps;
    start_and_fail();
    EXPECT_EQ(driver_->run(Role::student).state, RunState::failed);
    EXPECT_EQ(driver_->run(Role::baseline).state, RunState::queued);
    EXPECT_EQ(settings_->steps, steps) << "not one step went into the student alone";
}

TEST_F(FailureTest, ALossThatIsNotFiniteStopsTheRunAndKeepsTheWeightsOfTheStepBefore) {
    settings_->nan_at_step = 21;
    start_and_fail();
    const RunRecord run = driver_->run(Role::student);
    EXPECT_EQ(run.state, RunState::failed);
    EXPECT_EQ(driver_->errors[0].kind, ErrorKind::numeric);
    EXPECT_NE(run.error.find("step 21"), std::string::npos) << run.error;
    EXPECT_NE(run.error.find("step 20"), std::string::npos) << run.error;
    EXPECT_EQ(session_->points(run.id, "train/loss")->size(), 20u) << "the bad step is no point";
    const auto kept = session_->weights(run.id, "last");
    ASSERT_TRUE(kept);

    // The same run up to step 20, stopped there.
    settings_->nan_at_step = -1;
    settings_->hold_before_step = 5;
    ASSERT_TRUE(session_->repeat(run.id));
    ASSERT_TRUE(driver_->until([&] { return settings_->held.load(); }));
    session_->send(Pause{});
    settings_->hold_before_step = -1;
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    for (std::int64_t step = driver_->run(Role::student).step + 1; step <= 20; ++step) {
        session_->send(StepOnce{});
        ASSERT_TRUE(driver_->until([&] { return driver_->run(Role::student).step == step; })) << step;
    }
    session_->send(Stop{});
    ASSERT_TRUE(driver_->until_finished());
    ASSERT_EQ(driver_->run(Role::student).step, 20);
    EXPECT_EQ(*session_->weights(driver_->run(Role::student).id, "last"), *kept);
    expect_the_next_run_works();
}

TEST_F(FailureTest, ANumberThatComesBackLateFromTheDeviceIsStillFound) {
    settings_->report_every = 7;
    settings_->nan_at_step = 12;
    start_and_fail();
    const RunRecord run = driver_->run(Role::student);
    EXPECT_EQ(run.state, RunState::failed);
    EXPECT_NE(run.error.find("step 12"), std::string::npos) << run.error;
    EXPECT_EQ(session_->points(run.id, "train/loss")->size(), 11u);
    EXPECT_EQ(run.step, 11) << "the weights and the state are those of the step before";

    // Whatever it was, it is gone: the run goes on from the good step to its end.
    settings_->nan_at_step = -1;
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    const RunRecord after = driver_->run(Role::student);
    EXPECT_EQ(after.state, RunState::finished) << after.error;
    EXPECT_EQ(session_->points(run.id, "train/loss")->size(), static_cast<std::size_t>(after.total_steps));
}

TEST_F(FailureTest, AnErrorOfAStepKeepsTheWeightsAndTheRunCanBeResumed) {
    settings_->fail_at_step = 15;
    start_and_fail();
    const RunRecord run = driver_->run(Role::student);
    EXPECT_EQ(run.state, RunState::failed);
    EXPECT_NE(run.error.find("device was lost"), std::string::npos) << run.error;
    EXPECT_EQ(run.step, 14);
    EXPECT_TRUE(session_->weights(run.id, "last"));
    settings_->fail_at_step = -1;
    ASSERT_TRUE(session_->resume(run.id));
    ASSERT_TRUE(driver_->until_finished());
    const RunRecord after = driver_->run(Role::student);
    EXPECT_EQ(after.state, RunState::finished);
    EXPECT_TRUE(after.error.empty());
    EXPECT_EQ(session_->points(run.id, "train/loss")->size(), static_cast<std::size_t>(after.total_steps));
}

TEST_F(FailureTest, ATeacherThatFailsLeavesTheStudentQueued) {
    settings_->only_students = false;
    settings_->fail_at_step = 5;
    start_and_fail();
    EXPECT_EQ(driver_->run(Role::teacher).state, RunState::failed);
    EXPECT_EQ(driver_->run(Role::student).state, RunState::queued);
    settings_->fail_at_step = -1;
    const auto early = session_->resume(driver_->run(Role::student).id);
    ASSERT_FALSE(early) << "it waits for its teacher";
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(driver_->run(Role::teacher).state, RunState::finished);
    EXPECT_EQ(driver_->run(Role::student).state, RunState::finished);
}

TEST_F(FailureTest, ARefusalToPrepareIsTheRunsErrorAndNamesTheField) {
    settings_->refuse_prepare = true;
    start_and_fail();
    EXPECT_EQ(driver_->errors[0].field, "student.model");
    EXPECT_EQ(driver_->run(Role::student).state, RunState::failed);
    settings_->refuse_prepare = false;
    expect_the_next_run_works();
}

TEST_F(FailureTest, ATeacherThatChangesWhileTheStudentLearnsIsFound) {
    settings_->teacher_drifts = true;
    start_and_fail();
    EXPECT_NE(driver_->run(Role::student).error.find("teacher changed"), std::string::npos)
        << driver_->run(Role::student).error;
}

TEST_F(FailureTest, AnExceptionFromAnyCallIsAFailedRunWithAReasonAndTheNextOneWorks) {
    for (const char* call :
         {"prepare", "device", "step_series", "step", "drain", "evaluate", "weights", "state", "info"}) {
        SCOPED_TRACE(call);
        settings_->throw_at(call);
        start_and_fail();
        const auto runs = session_->runs();
        const auto failed = std::find_if(runs.rbegin(), runs.rend(),
                                         [](const RunRecord& run) { return run.state == RunState::failed; });
        ASSERT_NE(failed, runs.rend());
        EXPECT_NE(failed->error.find(std::string("throws at ") + call), std::string::npos) << failed->error;
        settings_->throw_at("");
        expect_the_next_run_works();
    }
}

TEST_F(FailureTest, ACheckpointThatTheEngineDoesNotTakeIsAFailedRun) {
    settings_->fail_at_step = 15;
    start_and_fail();
    settings_->fail_at_step = -1;
    settings_->throw_at("restore");
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(driver_->run(Role::student).state, RunState::failed);
    settings_->throw_at("");
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(driver_->run(Role::student).state, RunState::finished);
}

TEST_F(FailureTest, AnEngineThatDoesNotLoadIsAnErrorInWords) {
    auto host = std::make_shared<EngineHost>([]() -> Result<std::unique_ptr<Engine>> {
        return failure(ErrorKind::device, "The engine could not be loaded.");
    });
    auto session = Session::create(folder_ / "other", config_, host);
    ASSERT_TRUE(session);
    SessionDriver driver(**session);
    ASSERT_TRUE((*session)->start(config_));
    ASSERT_TRUE(driver.until_finished());
    ASSERT_EQ(driver.errors.size(), 1u);
    EXPECT_NE(driver.errors[0].message.find("could not be loaded"), std::string::npos);
    EXPECT_EQ((*session)->runs()[0].state, RunState::failed);
}

TEST_F(FailureTest, ADataSetThatIsNotThereFailsTheRunNotTheSession) {
    ExperimentConfig config = config_;
    config.data.dataset = {"idx", (folder_ / "nowhere").string()};
    config.teacher.network = config.student.network = {"mlp", {{"hidden", "4"}}, {}};
    ASSERT_TRUE(session_->start(config));
    ASSERT_TRUE(driver_->until_finished());
    ASSERT_EQ(driver_->errors.size(), 1u);
    EXPECT_NE(driver_->errors[0].message.find("nowhere"), std::string::npos) << driver_->errors[0].message;
    expect_the_next_run_works();
}

} // namespace
} // namespace limbeck::test
