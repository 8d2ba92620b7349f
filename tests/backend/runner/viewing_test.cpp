// SPDX-License-Identifier: GPL-3.0-or-later
// A session that only views what another process writes.
#include <gtest/gtest.h>

#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

class ViewingTest : public testing::Test {
  protected:
    ViewingTest() {
        auto written = Project::create(folder_ / "project", small_config());
        if (!written) throw std::runtime_error(written.error().message);
        writer_ = std::move(*written);
        auto viewed = Session::open(folder_ / "project", Project::Access::view, host_);
        if (!viewed) throw std::runtime_error(viewed.error().message);
        viewer_ = std::move(*viewed);
    }

    RunId add_run(std::int64_t step) {
        RunRecord run;
        run.group = 1;
        run.name = "student";
        run.state = RunState::running;
        run.config = small_config();
        run.step = step;
        return writer_->add_run(run).value();
    }

    void append(RunId run, std::int64_t first, std::int64_t last) {
        std::vector<MetricPoint> points;
        for (std::int64_t step = first; step <= last; ++step)
            points.push_back({step, 0.5, 0.5F, 0.5F});
        ASSERT_TRUE(writer_->append_points(run, "train/loss", points));
    }

    void set_step(RunId run, std::int64_t step) {
        RunRecord record = writer_->run(run).value();
        record.step = step;
        record.state = RunState::running;
        ASSERT_TRUE(writer_->update_run(record));
    }

    Feed look() {
        viewer_->look_again();
        // events() waits for the store thread, which has looked by then.
        (void)viewer_->events(0);
        Feed feed = viewer_->poll();
        for (const Error& error : feed.errors)
            ADD_FAILURE() << error.message << error.detail;
        return feed;
    }

    static std::vector<std::int64_t> steps(const Feed& feed) {
        std::vector<std::int64_t> found;
        for (const SeriesUpdate& update : feed.series)
            for (const MetricPoint& point : update.points)
                found.push_back(point.step);
        return found;
    }

    TemporaryFolder folder_;
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine());
    std::unique_ptr<Project> writer_;
    std::unique_ptr<Session> viewer_;
};

TEST_F(ViewingTest, WhatIsNewComesOnceAndInOrder) {
    const RunId run = add_run(3);
    append(run, 1, 3);
    Feed feed = look();
    ASSERT_EQ(feed.runs.size(), 1u);
    EXPECT_EQ(feed.runs[0].step, 3);
    EXPECT_EQ(steps(feed), (std::vector<std::int64_t>{1, 2, 3}));
    ASSERT_TRUE(feed.progress);
    EXPECT_EQ(feed.progress->run, run);
    EXPECT_TRUE(feed.looked_again);
    EXPECT_FALSE(feed.rewound);

    append(run, 4, 5);
    set_step(run, 5);
    EXPECT_EQ(steps(look()), (std::vector<std::int64_t>{4, 5}));
    EXPECT_TRUE(steps(look()).empty());
    EXPECT_EQ(viewer_->runs().at(0).step, 5);
}

TEST_F(ViewingTest, ARunThatWasSetBackOrRemovedIsToBeReadAnew) {
    const RunId run = add_run(5);
    append(run, 1, 5);
    (void)look();
    ASSERT_TRUE(writer_->truncate_points(run, 2));
    set_step(run, 2);
    Feed feed = look();
    EXPECT_TRUE(feed.rewound);
    EXPECT_EQ(steps(feed), (std::vector<std::int64_t>{1, 2}));
    ASSERT_TRUE(writer_->remove_run(run));
    EXPECT_TRUE(look().rewound);
    EXPECT_TRUE(viewer_->runs().empty());
    EXPECT_FALSE(look().rewound);
}

TEST_F(ViewingTest, TheConfigurationFollowsAndAWriterThatIsGoneLeavesAnInterruptedRun) {
    (void)add_run(1);
    ExperimentConfig config = small_config();
    config.distillation.temperature = 7.5;
    ASSERT_TRUE(writer_->save_config(config));
    (void)look();
    EXPECT_EQ(viewer_->config(), config);
    writer_.reset();
    const Feed feed = look();
    ASSERT_EQ(feed.runs.size(), 1u);
    EXPECT_EQ(feed.runs[0].state, RunState::interrupted);
    EXPECT_FALSE(feed.progress);
}

} // namespace
} // namespace limbeck::test
