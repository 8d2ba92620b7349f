// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that fails from any call on while runs are on: it is told, the run waits, and whether it goes on
// when the disk works again or another process takes over, it comes to the same numbers as without the fault.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <iostream>

#include "tests/faults/file_calls.h"
#include "tests/faults/long_variant.h"
#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

namespace fs = std::filesystem;
using Curves = std::map<std::string, std::vector<MetricPoint>>;

class SessionFaultTest : public testing::Test {
  protected:
    SessionFaultTest() {
        config_ = small_config(3, 100);
        config_.student.train_alone = false;
        config_.training.keep_every = 2;
        options_.write_seconds = 0.001; // a save for nearly everything that comes
        options_.retry_seconds = 0.005;
        settings_->step_microseconds = 300;
        host_ = std::make_shared<EngineHost>(fake_engine(settings_));
        const TemporaryFolder folder;
        auto session = create(folder.path());
        SessionDriver driver(*session);
        if (!session->start(config_) || !driver.until_finished()) throw std::runtime_error("it did not run");
        undisturbed_ = all_points(*session, 2);
    }

    std::unique_ptr<Session> create(const fs::path& folder) {
        auto session = Session::create(folder / "p", config_, host_, {}, options_);
        if (!session) throw std::runtime_error(session.error().message);
        return std::move(*session);
    }

    /// What a viewer finds while the disk is as it is.
    static void expect_whole(const fs::path& folder) {
        const auto project = Project::open(folder / "p", Project::Access::view);
        ASSERT_TRUE(project) << project.error().message << project.error().detail;
        const auto findings = (*project)->verify();
        ASSERT_TRUE(findings) << findings.error().message;
        for (const auto& finding : *findings)
            ADD_FAILURE() << finding.where << ": " << finding.what;
    }

    void expect_the_same_numbers(const Session& session, const std::string& where) const {
        const auto runs = session.runs();
        ASSERT_EQ(runs.size(), 2u) << where;
        EXPECT_EQ(runs[1].state, RunState::finished) << where << ": " << runs[1].error;
        EXPECT_EQ(all_points(session, 2), undisturbed_) << where;
        EXPECT_TRUE(session.weights(2, "last")) << where;
        EXPECT_TRUE(session.weights(2, "epoch-2")) << where;
    }

    /// A fault at the nth call that is dealt with (`mend`), or that outlives the session. False: there was
    /// none.
    bool live_with(std::int64_t nth, int error_number, bool mend) {
        const std::string where = "call " + std::to_string(nth) + " fails (" + std::to_string(error_number) +
                                  (mend ? "), mended" : "), another process");
        const TemporaryFolder folder;
        auto session = create(folder.path());
        auto driver = std::make_unique<SessionDriver>(*session);
        file_calls::watch(folder.path());
        // What was open before is followed as well: the database is opened anew by nobody until the end.
        file_calls::follow_open_files();
        file_calls::fail(file_calls::changing, nth, error_number);
        const auto started = session->start(config_);
        if (started) {
            EXPECT_TRUE(driver->until([&] {
                return !driver->saving_stopped.empty() || driver->finished > 0;
            })) << where
                << ": neither told nor done";
        } else {
            EXPECT_TRUE(file_calls::failed()) << started.error().message;
        }
        const bool met = file_calls::failed();
        if (!driver->saving_stopped.empty()) {
            EXPECT_EQ(driver->saving_stopped[0].kind, ErrorKind::document) << where;
            expect_whole(folder.path());
        }
        if (!mend) { // the session goes with the disk still broken
            driver.reset();
            session.reset();
        }
        file_calls::heal();
        if (!mend) { // else it goes on at once, and tidies away files while somebody looks
            expect_whole(folder.path());
            auto again = Session::open(folder / "p", Project::Access::write, host_, {}, options_);
            if (!again) {
                ADD_FAILURE() << where << ": " << again.error().message;
                return false;
            }
            session = std::move(*again);
            driver = std::make_unique<SessionDriver>(*session);
        }
        if (!started) {
            EXPECT_TRUE(session->start(config_)) << where;
            EXPECT_TRUE(driver->until_finished()) << where;
        } else if (mend) {
            EXPECT_TRUE(driver->finished > 0 || driver->until_finished()) << where;
        } else if (session->resume({})) {
            EXPECT_TRUE(driver->until_finished()) << where;
        } // else all of it was saved before the fault came
        EXPECT_TRUE(driver->errors.empty()) << where << ": " << driver->errors[0].message;
        expect_the_same_numbers(*session, where);
        driver.reset();
        session.reset();
        file_calls::forget();
        expect_whole(folder.path());
        return met;
    }

    void live_with_each(bool mend, const char* title) {
        constexpr std::array errors{ENOSPC, EIO, EDQUOT, EFBIG};
        const std::int64_t stride = times("LIMBECK_SESSION_STRIDE", 11);
        std::int64_t lives = 0, nth = 0;
        while (!HasFailure() &&
               live_with(nth, errors[static_cast<std::size_t>(lives) % errors.size()], mend)) {
            ++lives;
            nth += stride;
        }
        EXPECT_GT(lives, 4);
        std::cout << title << ": " << lives << " lives, the last with call " << nth - stride << " failing\n";
    }

    ExperimentConfig config_;
    SessionOptions options_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_;
    Curves undisturbed_;
};

TEST_F(SessionFaultTest, ARunGoesOnToTheSameNumbersWhenTheDiskWorksAgain) {
    live_with_each(true, "session, mended");
}

TEST_F(SessionFaultTest, ARunIsResumedToTheSameNumbersByAProcessThatFindsTheDiskWorking) {
    live_with_each(false, "session, resumed elsewhere");
}

TEST_F(SessionFaultTest, SaveAsElsewhereIsTheWayOutOfADiskThatStaysFull) {
    const TemporaryFolder full, roomy;
    auto session = create(full.path());
    SessionDriver driver(*session);
    file_calls::watch(full.path());
    file_calls::follow_open_files();
    file_calls::fail(file_calls::changing, 60, ENOSPC);
    ASSERT_TRUE(session->start(config_));
    ASSERT_TRUE(driver.until([&] { return !driver.saving_stopped.empty(); }));
    const auto saved = session->save_as(roomy / "p");
    ASSERT_TRUE(saved) << saved.error().message << saved.error().detail;
    ASSERT_TRUE(driver.until_finished());
    EXPECT_EQ(driver.saving_went_on, 1);
    expect_the_same_numbers(*session, "saved elsewhere");
    file_calls::forget();
    expect_whole(roomy.path());
}

} // namespace
} // namespace limbeck::test
