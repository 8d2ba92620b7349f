// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl-C, killing, resuming.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <optional>

#include "tests/app/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

/// A long experiment on few samples, and one of the same settings that nobody disturbs.
class Stopping : public testing::Test {
  protected:
    Outcome cli(const std::vector<std::string>& arguments, const Watch& watch = {}) {
        return limbeck_cli(arguments, folder.path(), watch);
    }

    void make(const std::string& project, int epochs) {
        ASSERT_EQ(cli({"new", project, "--sample", "moons", "--set", "data.samples=300", "--set",
                       "teacher.training.epochs=2", "--set", "student.alone=false", "--set",
                       "training.threads=1", "--set", "training.epochs=" + std::to_string(epochs)})
                      .code,
                  0);
    }

    std::string csv(const std::string& project, int run) {
        return cli({"export", project, "--run", std::to_string(run), "--format", "csv", "-o", "-"}).out;
    }

    /// Sends the signal when the student's run is on its way, `after` it told its second validation accuracy.
    Outcome run_and_signal(const std::string& project, int signal, std::chrono::milliseconds after) {
        using Clock = std::chrono::steady_clock;
        std::optional<Clock::time_point> on_its_way;
        bool sent = false;
        return cli({"run", project, "--json"}, [&](const std::string& out, int process) {
            const std::string wanted = R"("run":2,"series":"validation/accuracy")";
            const auto first = out.find(wanted);
            if (sent || first == std::string::npos || out.find(wanted, first + 1) == std::string::npos)
                return;
            if (!on_its_way) on_its_way = Clock::now();
            if (Clock::now() - *on_its_way < after) return;
            sent = true;
            kill(process, signal);
        });
    }

    TemporaryFolder folder;
};

TEST_F(Stopping, CtrlCSavesAndExitsWith130AndResumeFinishesWithTheSameNumbers) {
    make("p", 400);
    make("undisturbed", 400);
    const Outcome stopped = run_and_signal("p", SIGINT, std::chrono::milliseconds(0));
    ASSERT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_EQ(stopped.last("result").at("exit_code"), 130);
    const auto run = stopped.last("result").at("runs")[1];
    EXPECT_EQ(run.at("state"), "stopped");
    EXPECT_LT(run.at("epoch").get<int>(), 400);
    EXPECT_EQ(cli({"check", "p"}).code, 0);

    const Outcome resumed = cli({"resume", "p", "--json"});
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(resumed.last("run").at("run").at("state"), "finished");
    ASSERT_EQ(cli({"run", "undisturbed"}).code, 0);
    EXPECT_EQ(csv("p", 2), csv("undisturbed", 2));
}

TEST_F(Stopping, AKilledRunIsShownAsInterruptedAndGoesOnToTheSameNumbers) {
    make("p", 4000);
    make("undisturbed", 4000);
    // The document is behind by less than a second: one that is killed earlier is still waiting in it.
    EXPECT_EQ(run_and_signal("p", SIGKILL, std::chrono::milliseconds(1500)).code, 128 + SIGKILL);
    EXPECT_THAT(cli({"show", "p"}).out, HasSubstr("interrupted"));
    ASSERT_EQ(cli({"resume", "p"}).code, 0);
    ASSERT_EQ(cli({"run", "undisturbed"}).code, 0);
    EXPECT_EQ(csv("p", 2), csv("undisturbed", 2));
}

TEST_F(Stopping, NothingUnfinishedIsToldAndExitsWith2) {
    make("p", 2);
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    const Outcome resumed = cli({"resume", "p"});
    EXPECT_EQ(resumed.code, 2);
    EXPECT_THAT(resumed.err, HasSubstr("no unfinished run"));
    EXPECT_EQ(cli({"resume", "p", "--run", "2"}).code, 2);
    EXPECT_EQ(cli({"resume", "p", "--run", "9"}).code, 2);
}

TEST_F(Stopping, AFinishedRunGoesOnWithMoreEpochs) {
    make("p", 2);
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    const Outcome longer = cli({"resume", "p", "--run", "2", "--set", "training.epochs=4", "--json"});
    ASSERT_EQ(longer.code, 0) << longer.err;
    EXPECT_EQ(longer.last("run").at("run").at("epoch"), 4);
}

} // namespace
} // namespace limbeck::test
