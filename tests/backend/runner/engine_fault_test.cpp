// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever call of the engine goes wrong, in whatever way, at whatever moment of a run: the session lives,
// the run says why it failed, its project is whole, and the next run works.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/fake_engine.h"
#include "tests/support/faulty_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

constexpr std::array kinds{FaultKind::no_memory, FaultKind::standard, FaultKind::library,
                           FaultKind::no_exception, FaultKind::error};

class EngineFaultTest : public testing::TestWithParam<std::string> {
  protected:
    EngineFaultTest() {
        config_ = small_config(2, 60);
        config_.student.train_alone = false;
        auto session = Session::create(folder_ / "project", config_, host_);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        driver_ = std::make_unique<SessionDriver>(*session_);
    }

    /// A run that is changed by hand, stopped after some steps and resumed, so that every method has its
    /// turn.
    void run_with_all_there_is() {
        ++config_.training.seed;
        settings_->hold_before_step = 3;
        ASSERT_TRUE(session_->start(config_));
        ASSERT_TRUE(driver_->until([&] { return settings_->held || !session_->running(); }));
        if (session_->running()) {
            session_->send(SetLive{"distillation.temperature", 3});
            session_->send(Pause{});
        }
        settings_->hold_before_step = -1;
        // Changed, it waits for the stop: one that came at once would overtake the change.
        ASSERT_TRUE(driver_->until([&] {
            const auto runs = session_->runs();
            const bool paused = std::any_of(
                runs.begin(), runs.end(), [](const RunRecord& run) { return run.state == RunState::paused; });
            return paused || !session_->running();
        }));
        session_->send(Stop{});
        ASSERT_TRUE(driver_->until([&] { return !session_->running(); }));
        const bool resumed = session_->resume({}).has_value();
        ASSERT_TRUE(!resumed || driver_->until([&] { return !session_->running(); }));
        driver_->poll();
    }

    void expect_the_next_run_works() {
        driver_->errors.clear();
        ++config_.training.seed;
        ASSERT_TRUE(session_->start(config_));
        ASSERT_TRUE(driver_->until([&] { return !session_->running(); }));
        driver_->poll();
        EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
        EXPECT_EQ(session_->runs().back().state, RunState::finished) << session_->runs().back().error;
    }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineFault> fault_ = std::make_shared<EngineFault>();
    std::shared_ptr<EngineHost> host_ =
        std::make_shared<EngineHost>(faulty_engine(fake_engine(settings_), fault_));
    ExperimentConfig config_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<SessionDriver> driver_;
};

TEST_P(EngineFaultTest, IsTheRunsErrorAndNobodyElses) {
    int met = 0;
    for (const FaultKind kind : kinds) {
        for (const int nth : {0, 1, 4}) {
            SCOPED_TRACE("kind " + std::to_string(static_cast<int>(kind)) + ", call " + std::to_string(nth));
            driver_->errors.clear();
            fault_->set(GetParam(), nth, kind);
            run_with_all_there_is();
            const bool happened = fault_->met();
            fault_->clear();
            if (happened && !(kind == FaultKind::error && driver_->errors.empty())) {
                ++met;
                ASSERT_FALSE(driver_->errors.empty()) << "it was not told";
                EXPECT_FALSE(driver_->errors[0].message.empty());
            }
            for (const RunRecord& run : session_->runs())
                EXPECT_TRUE(run.state != RunState::failed || !run.error.empty()) << run.name;
            expect_the_next_run_works();
            if (HasFatalFailure()) return;
        }
    }
    EXPECT_GT(met, 3) << GetParam() << " had no turn";
    const auto project = Project::open(session_->folder(), Project::Access::view);
    ASSERT_TRUE(project);
    EXPECT_TRUE((*project)->verify()->empty());
}

INSTANTIATE_TEST_SUITE_P(EveryMethod, EngineFaultTest, testing::ValuesIn(methods_of_a_run()),
                         [](const auto& method) { return method.param; });

} // namespace
} // namespace limbeck::test
