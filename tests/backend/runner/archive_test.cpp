// SPDX-License-Identifier: GPL-3.0-or-later
// A project is archived while its runs are on.
#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "backend/project/archive.h"
#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

/// Lets a thread wait until another one opens it.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

class SessionArchive : public testing::Test {
  protected:
    std::unique_ptr<Project> unpacked(const std::string& name) {
        const auto made = unpack_archive(folder_ / "a.zip", folder_ / name);
        if (!made) ADD_FAILURE() << made.error().message;
        auto project = Project::open(folder_ / name, Project::Access::write);
        if (!project) ADD_FAILURE() << project.error().message;
        return std::move(*project);
    }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine(settings_));
};

TEST_F(SessionArchive, HoldsTheRunThatIsOnAsFarAsItIsAndTheRunGoesOn) {
    const ExperimentConfig config = small_config(3);
    auto session = std::move(*Session::create(folder_ / "project", config, host_));
    SessionDriver driver(*session);
    settings_->hold_before_step = 15; // within the second epoch, of nine steps each
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until([&] { return settings_->held.load(); }));
    const auto written = session->write_archive(folder_ / "a.zip", {});
    ASSERT_TRUE(written) << written.error().message;
    settings_->hold_before_step = -1;
    ASSERT_TRUE(driver.until_finished());

    const auto project = unpacked("q");
    const auto runs = project->runs();
    ASSERT_TRUE(runs);
    ASSERT_EQ(runs->size(), 3u);
    const RunRecord& student = runs->back();
    EXPECT_EQ(student.state, RunState::interrupted);
    const auto points = project->points(student.id, "train/loss");
    const auto all = session->points(student.id, "train/loss");
    ASSERT_TRUE(points && all);
    EXPECT_EQ(points->size(), 14u);
    EXPECT_TRUE(std::equal(points->begin(), points->end(), all->begin()));
}

TEST_F(SessionArchive, CanBeResumedToTheSameBits) {
    const ExperimentConfig config = small_config(3);
    auto session = std::move(*Session::create(folder_ / "project", config, host_));
    SessionDriver driver(*session);
    settings_->hold_before_step = 15;
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until([&] { return settings_->held.load(); }));
    ASSERT_TRUE(session->write_archive(folder_ / "a.zip", {}));
    settings_->hold_before_step = -1;
    ASSERT_TRUE(driver.until_finished());

    ASSERT_TRUE(unpack_archive(folder_ / "a.zip", folder_ / "q"));
    auto other = Session::open(folder_ / "q", Project::Access::write, host_);
    ASSERT_TRUE(other) << other.error().message;
    SessionDriver second(**other);
    ASSERT_TRUE((*other)->resume(std::nullopt));
    ASSERT_TRUE(second.until_finished());
    EXPECT_EQ(all_points(**other, 3), all_points(*session, 3));
}

TEST_F(SessionArchive, ReadsItsObjectsThoughTheRunReplacesThem) {
    const ExperimentConfig config = small_config(12);
    auto session = std::move(*Session::create(folder_ / "project", config, host_));
    SessionDriver driver(*session);
    settings_->hold_before_step = 12;
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until([&] { return settings_->held.load(); }));
    Gate copied, trained;
    Result<void> written;
    std::thread archiver([&] {
        bool first = true;
        written = session->write_archive(folder_ / "a.zip", {}, [&](double) {
            if (std::exchange(first, false)) {
                copied.open();
                trained.wait();
            }
            return true;
        });
    });
    copied.wait();
    settings_->hold_before_step = -1;
    EXPECT_TRUE(driver.until_finished()) << "training waits for no archive";
    trained.open();
    archiver.join();
    ASSERT_TRUE(written) << written.error().message;
    const auto project = unpacked("q");
    const auto checkpoint = project->checkpoint(3, "last");
    ASSERT_TRUE(checkpoint);
    ASSERT_TRUE(*checkpoint);
    EXPECT_EQ((*checkpoint)->epoch, 1);
    EXPECT_TRUE(project->object((*checkpoint)->state));
}

TEST_F(SessionArchive, WithoutWeightsIsNeverSetBackToNothing) {
    const ExperimentConfig config = small_config(3);
    auto session = std::move(*Session::create(folder_ / "project", config, host_));
    SessionDriver driver(*session);
    ASSERT_TRUE(session->start(config));
    ASSERT_TRUE(driver.until_finished());
    ASSERT_TRUE(session->write_archive(folder_ / "a.zip", {.weights = false}));
    ASSERT_TRUE(unpack_archive(folder_ / "a.zip", folder_ / "q"));
    auto other = std::move(*Session::open(folder_ / "q", Project::Access::write, host_));
    const auto points = all_points(*other, 1);
    const auto refused = other->resume(1, 5);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("was made without weights"));
    EXPECT_EQ(all_points(*other, 1), points);
    const auto weights = other->weights(1, "last");
    ASSERT_FALSE(weights);
    EXPECT_THAT(weights.error().message, HasSubstr("was made without them"));
    // A new start trains all of it anew, since no equal teacher's weights are there.
    SessionDriver second(*other);
    ASSERT_TRUE(other->start(config));
    ASSERT_TRUE(second.until_finished());
    EXPECT_EQ(all_points(*other, 4), points);
}

} // namespace
} // namespace limbeck::test
