// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints that stay beside the last and the best.
#include <gtest/gtest.h>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

class KeptTest : public testing::Test {
  protected:
    /// The kinds of the student's checkpoints after a run of so many epochs.
    std::vector<std::string> kinds_after(std::int64_t epochs, std::int64_t keep_every) {
        ExperimentConfig config = small_config(epochs);
        config.student.train_alone = false;
        config.training.keep_every = keep_every;
        session_.reset();
        auto session = Session::create(folder_ / ("project-" + std::to_string(++made_)), config, host_);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        SessionDriver driver(*session_);
        if (!session_->start(config) || !driver.until_finished()) throw std::runtime_error("it did not run");
        run_ = driver.run(Role::student);
        std::vector<std::string> kinds;
        const auto project = Project::open(session_->folder(), Project::Access::view);
        if (!project) throw std::runtime_error(project.error().message);
        const auto checkpoints = (*project)->checkpoints(run_.id);
        if (!checkpoints) throw std::runtime_error(checkpoints.error().message);
        for (const CheckpointRecord& each : *checkpoints) {
            if (each.kind == "best") continue; // whichever epoch that was
            kinds.push_back(each.kind + " at " + std::to_string(each.step));
            EXPECT_TRUE((*project)->object(each.weights)) << each.kind;
            EXPECT_TRUE((*project)->object(each.state))
                << each.kind << ": all that is needed to go on from it";
        }
        EXPECT_TRUE((*project)->verify()->empty());
        return kinds;
    }

    TemporaryFolder folder_;
    int made_ = 0;
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine());
    std::unique_ptr<Session> session_;
    RunRecord run_;
};

TEST_F(KeptTest, NoneButTheLastAndTheBestUnlessAskedFor) {
    EXPECT_EQ(kinds_after(5, 0), (std::vector<std::string>{"last at 45"}));
}

TEST_F(KeptTest, EverySecondEpochsStays) {
    EXPECT_EQ(kinds_after(5, 2), (std::vector<std::string>{"epoch-2 at 18", "epoch-4 at 36", "last at 45"}));
    EXPECT_TRUE(session_->weights(run_.id, "epoch-2"));
    EXPECT_NE(*session_->weights(run_.id, "epoch-2"), *session_->weights(run_.id, "epoch-4"));
}

TEST_F(KeptTest, TheLastEpochsIsThatOfTheRunsEnd) {
    EXPECT_EQ(kinds_after(3, 3), (std::vector<std::string>{"epoch-3 at 27", "last at 27"}));
    EXPECT_EQ(*session_->weights(run_.id, "epoch-3"), *session_->weights(run_.id, "last"));
}

} // namespace
} // namespace limbeck::test
