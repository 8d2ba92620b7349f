// SPDX-License-Identifier: GPL-3.0-or-later
// The training thread: one for all, probes between steps, two sessions that share it, and the engine's
// loader.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <future>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using namespace std::chrono_literals;

TEST(EngineHost, WorksOnOneThreadAndMakesTheEngineOnce) {
    int made = 0;
    EngineHost host([&made]() -> Result<std::unique_ptr<Engine>> {
        ++made;
        return fake_engine()();
    });
    EXPECT_FALSE(host.ready());
    std::promise<std::thread::id> first, second;
    host.post([&](Result<Engine*> engine) {
        EXPECT_TRUE(engine);
        first.set_value(std::this_thread::get_id());
    });
    host.post([&](Result<Engine*>) { second.set_value(std::this_thread::get_id()); });
    EXPECT_TRUE(first.get_future().get() == second.get_future().get());
    EXPECT_EQ(made, 1);
    EXPECT_TRUE(host.ready());
}

TEST(EngineHost, SurvivesWorkThatThrowsAndAMakerThatThrows) {
    bool fail = true;
    EngineHost host([&fail]() -> Result<std::unique_ptr<Engine>> {
        if (std::exchange(fail, false)) throw std::runtime_error("no engine today");
        return fake_engine()();
    });
    std::promise<std::string> reason;
    host.post([&](Result<Engine*> engine) { reason.set_value(engine ? "" : engine.error().message); });
    EXPECT_NE(reason.get_future().get().find("no engine today"), std::string::npos);
    host.post([](Result<Engine*>) { throw 42; });
    std::promise<bool> works;
    host.post([&](Result<Engine*> engine) { works.set_value(engine.has_value()); });
    EXPECT_TRUE(works.get_future().get());
}

TEST(EngineHost, TellsWorkThatIsLeftAtTheEndThatItIsCancelled) {
    std::promise<void> begun;
    std::promise<ErrorKind> kind;
    {
        EngineHost host(fake_engine());
        host.post([&](Result<Engine*>) {
            begun.set_value();
            std::this_thread::sleep_for(50ms);
        });
        host.post([&](Result<Engine*> engine) {
            kind.set_value(engine ? ErrorKind::internal : engine.error().kind);
        });
        begun.get_future().wait();
    }
    EXPECT_EQ(kind.get_future().get(), ErrorKind::cancelled);
}

TEST(EngineHost, AnswersDevicesAndCostsWithErrorsAsValues) {
    auto settings = std::make_shared<FakeSettings>();
    EngineHost host(fake_engine(settings));
    std::promise<Result<NetworkCost>> fits, does_not, throws;
    request_cost(host, {"mlp", {}, {}}, {{2}}, 3, [&](auto cost) { fits.set_value(cost); });
    EXPECT_EQ(fits.get_future().get()->parameters, 6);
    request_cost(host, {"resnet20", {}, {}}, {{2}}, 3, [&](auto cost) { does_not.set_value(cost); });
    EXPECT_EQ(does_not.get_future().get().error().kind, ErrorKind::configuration);
    settings->throw_at("cost");
    request_cost(host, {"mlp", {}, {}}, {{2}}, 3, [&](auto cost) { throws.set_value(cost); });
    EXPECT_EQ(throws.get_future().get().error().kind, ErrorKind::internal);
}

TEST(EngineHost, ServesProbesBetweenTheStepsOfARunAndInAPause) {
    TemporaryFolder folder;
    auto settings = std::make_shared<FakeSettings>();
    settings->step_microseconds = 500;
    auto host = std::make_shared<EngineHost>(fake_engine(settings));
    const ExperimentConfig config = small_config(10'000);
    auto session = Session::create(folder / "project", config, host);
    ASSERT_TRUE(session);
    SessionDriver driver(**session);
    ASSERT_TRUE((*session)->start(config));
    ASSERT_TRUE(driver.until_step(Role::teacher, 20));
    std::promise<Result<std::vector<DeviceInfo>>> running, paused;
    request_devices(*host, [&](auto devices) { running.set_value(devices); });
    auto answer = running.get_future();
    ASSERT_EQ(answer.wait_for(2s), std::future_status::ready);
    EXPECT_EQ(answer.get()->front().id, "cpu");
    (*session)->send(Pause{});
    ASSERT_TRUE(driver.until_state(Role::teacher, RunState::paused));
    request_devices(*host, [&](auto devices) { paused.set_value(devices); });
    EXPECT_EQ(paused.get_future().wait_for(2s), std::future_status::ready);
}

TEST(EngineHost, LetsTwoSessionsTakeTurnsAndOneThatWaitsCanBeClosedAtOnce) {
    TemporaryFolder folder;
    auto settings = std::make_shared<FakeSettings>();
    settings->step_microseconds = 300;
    auto host = std::make_shared<EngineHost>(fake_engine(settings));
    ExperimentConfig config = small_config(40);
    auto one = Session::create(folder / "one", config, host);
    auto two = Session::create(folder / "two", config, host);
    auto three = Session::create(folder / "three", config, host);
    ASSERT_TRUE(one && two && three);
    SessionDriver first(**one), second(**two), third(**three);
    ASSERT_TRUE((*one)->start(config));
    ASSERT_TRUE(first.until_state(Role::teacher, RunState::running));
    ASSERT_TRUE((*two)->start(config));
    ASSERT_TRUE((*three)->start(config));
    EXPECT_TRUE((*two)->running());
    const auto begin = std::chrono::steady_clock::now();
    (*three)->send(Stop{}); // has not begun
    ASSERT_TRUE(third.until_finished(1));
    EXPECT_EQ((*three)->runs()[0].state, RunState::queued);
    three->reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
    ASSERT_TRUE(first.until_finished());
    ASSERT_TRUE(second.until_finished());
    EXPECT_EQ(all_points(**one, 3), all_points(**two, 3)) << "the same numbers, whoever was first";
    EXPECT_EQ(all_points(**one, 3).at("train/loss").size(),
              static_cast<std::size_t>((*one)->runs()[2].total_steps));
}

TEST(EngineLoader, SaysWhatToDoWhenTheEngineIsNotThere) {
    TemporaryFolder folder;
    setenv("LIMBECK_ENGINE", (folder / "none.so").c_str(), 1);
    const auto missing = engine_loader()();
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("none.so"), std::string::npos);
    EXPECT_NE(missing.error().message.find("scripts/run.sh"), std::string::npos);

    std::ofstream(folder / "broken.so") << "this is no library";
    setenv("LIMBECK_ENGINE", (folder / "broken.so").c_str(), 1);
    const auto broken = engine_loader()();
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("does not load"), std::string::npos);
    EXPECT_FALSE(broken.error().detail.empty());
    unsetenv("LIMBECK_ENGINE");
}

} // namespace
} // namespace limbeck::test
