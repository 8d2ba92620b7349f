// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that cannot be written: the run waits, says why once, loses nothing, and goes on when it can be.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

namespace fs = std::filesystem;

class SavingTest : public testing::Test {
  protected:
    SavingTest() {
        config_ = small_config(4);
        config_.student.train_alone = false;
        SessionOptions options;
        options.write_seconds = 0.05;
        options.retry_seconds = 0.05;
        make(options);
    }

    void make(const SessionOptions& options) {
        driver_.reset();
        session_.reset();
        auto session =
            Session::create(folder_ / ("project-" + std::to_string(++made_)), config_, host_, {}, options);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        driver_ = std::make_unique<SessionDriver>(*session_);
    }

    /// No object can be written from here on: a file stands where their folder was.
    void break_disk() {
        fs::rename(objects(), folder_ / "away");
        std::ofstream(objects()) << "no folder";
    }

    void mend_disk() {
        fs::remove(objects());
        fs::rename(folder_ / "away", objects());
    }

    fs::path objects() const { return session_->folder() / "objects"; }

    /// With its end, in the document itself: before that it would be among what cannot be saved.
    bool teacher_is_saved() const {
        const auto project = Project::open(session_->folder(), Project::Access::view);
        if (!project) return false;
        const auto run = (*project)->run(1);
        const auto last = (*project)->checkpoint(1, "last");
        return run && run->state == RunState::finished && last && *last && (*last)->step == run->total_steps;
    }

    /// The student waits after its step 5 or 6, because what came after step 4 cannot be saved.
    void fail_after_step_4() {
        settings_->hold_before_step = 5;
        ASSERT_TRUE(session_->start(config_));
        ASSERT_TRUE(driver_->until([&] { return settings_->held.load(); }));
        ASSERT_TRUE(driver_->until([&] { return teacher_is_saved(); }));
        break_disk();
        session_->send(CheckpointNow{});
        settings_->hold_before_step = 6;
        ASSERT_TRUE(driver_->until([&] { return !driver_->saving_stopped.empty(); }));
        settings_->hold_before_step = -1;
        ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
        ASSERT_GE(driver_->run(Role::student).step, 5);
    }

    void expect_whole() {
        const RunRecord run = driver_->run(Role::student);
        EXPECT_EQ(run.state, RunState::finished);
        EXPECT_EQ(run.step, 36);
        const auto points = session_->points(run.id, "train/loss");
        ASSERT_TRUE(points);
        ASSERT_EQ(points->size(), 36u);
        for (std::size_t i = 0; i < points->size(); ++i)
            EXPECT_EQ((*points)[i].step, static_cast<std::int64_t>(i + 1));
        EXPECT_TRUE(session_->weights(run.id, "last"));
        EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
        const fs::path folder = session_->folder();
        driver_.reset();
        session_.reset();
        const auto project = Project::open(folder, Project::Access::view);
        ASSERT_TRUE(project);
        EXPECT_TRUE((*project)->verify()->empty());
        EXPECT_EQ((*project)->points(run.id, "train/loss")->size(), 36u);
    }

    TemporaryFolder folder_;
    int made_ = 0;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine(settings_));
    ExperimentConfig config_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<SessionDriver> driver_;
};

TEST_F(SavingTest, ARunThatCannotBeSavedWaitsTellsWhyOnceAndGoesOnByItself) {
    fail_after_step_4();
    EXPECT_NE(driver_->saving_stopped[0].message.find("objects"), std::string::npos)
        << driver_->saving_stopped[0].message;
    const std::int64_t steps = settings_->steps;
    const auto saved_before = driver_->seconds_since_save;
    ASSERT_TRUE(saved_before);
    ASSERT_TRUE(driver_->until([&] { return *driver_->seconds_since_save > *saved_before + 0.5; }))
        << "what is not saved is not called saved, however often it was tried";
    EXPECT_EQ(settings_->steps, steps) << "nothing is made that could not be saved";
    EXPECT_EQ(driver_->saving_stopped.size(), 1u);
    EXPECT_EQ(driver_->saving_went_on, 0);
    mend_disk();
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(driver_->saving_went_on, 1);
    EXPECT_EQ(driver_->saving_stopped.size(), 1u);
    expect_whole();
}

TEST_F(SavingTest, RetryTriesAtOnceAndTellsWhenItIsStillNoUse) {
    SessionOptions options;
    options.write_seconds = 0.05;
    options.retry_seconds = 3600;
    make(options);
    fail_after_step_4();
    session_->retry_saving();
    ASSERT_TRUE(driver_->until([&] { return driver_->saving_stopped.size() == 2; }));
    mend_disk();
    session_->retry_saving();
    ASSERT_TRUE(driver_->until([&] { return driver_->saving_went_on == 1; }));
    ASSERT_TRUE(driver_->until_finished());
    expect_whole();
}

TEST_F(SavingTest, ARunThatSomebodyPausedStaysPausedWhenSavingWorksAgain) {
    fail_after_step_4();
    session_->send(Pause{});
    mend_disk();
    ASSERT_TRUE(driver_->until([&] { return driver_->saving_went_on == 1; }));
    const std::int64_t steps = settings_->steps;
    session_->send(StepOnce{}); // it stands, and is asked for a single step
    ASSERT_TRUE(driver_->until([&] { return settings_->steps == steps + 1; }));
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::paused));
    EXPECT_EQ(settings_->steps, steps + 1);
    session_->send(Resume{});
    ASSERT_TRUE(driver_->until_finished());
    expect_whole();
}

TEST_F(SavingTest, NeitherResumeNorASingleStepMakesWhatCannotBeSaved) {
    fail_after_step_4();
    const std::int64_t steps = settings_->steps;
    session_->send(StepOnce{});
    session_->send(Resume{});
    session_->send(EvaluateNow{}); // a sign that those before it were obeyed
    driver_->answers.reset();
    ASSERT_TRUE(driver_->until([&] { return driver_->answers != nullptr; }));
    EXPECT_EQ(settings_->steps, steps);
    mend_disk();
    ASSERT_TRUE(driver_->until_finished());
    expect_whole();
}

TEST_F(SavingTest, TheCurvesAreShownWholeWhileTheyWaitToBeSaved) {
    fail_after_step_4();
    const RunRecord run = driver_->run(Role::student);
    const auto shown = session_->points(run.id, "train/loss");
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(static_cast<std::int64_t>(shown->size()), run.step);
    mend_disk();
    ASSERT_TRUE(driver_->until_finished());
}

TEST_F(SavingTest, ARunThatEndsWhileSavingFailsIsOverWhenItIsSaved) {
    fail_after_step_4();
    session_->send(Stop{});
    ASSERT_TRUE(driver_->until_state(Role::student, RunState::stopped));
    EXPECT_TRUE(session_->running()) << "it is not over before it is saved";
    mend_disk();
    ASSERT_TRUE(driver_->until_finished());
    const RunRecord run = driver_->run(Role::student);
    EXPECT_EQ(static_cast<std::int64_t>(session_->points(run.id, "train/loss")->size()), run.step);
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    expect_whole();
}

TEST_F(SavingTest, GivingUpEndsAStoppedRunAndTellsWhatIsLost) {
    fail_after_step_4();
    session_->send(Stop{});
    session_->give_up_saving();
    ASSERT_TRUE(driver_->until_finished());
    ASSERT_EQ(driver_->errors.size(), 1u);
    EXPECT_NE(driver_->errors[0].message.find("What was not saved is lost. Run 2"), std::string::npos)
        << driver_->errors[0].message;
    EXPECT_NE(driver_->errors[0].message.find("no weights to go on from"), std::string::npos)
        << driver_->errors[0].message;
    EXPECT_FALSE(session_->running());
    // What was saved before is there, and another process goes on from it.
    mend_disk();
    const fs::path folder = session_->folder();
    driver_.reset();
    session_.reset();
    auto again = Session::open(folder, Project::Access::write, host_);
    ASSERT_TRUE(again) << again.error().message;
    session_ = std::move(*again);
    driver_ = std::make_unique<SessionDriver>(*session_);
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    expect_whole();
}

} // namespace
} // namespace limbeck::test
