// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <thread>

#include "backend/runner/command_queue.h"
#include "backend/runner/feed_board.h"
#include "backend/runner/mailbox.h"
#include "backend/runner/progress_meter.h"

namespace limbeck {
namespace {

SeriesNames names(std::vector<std::string> list) {
    return std::make_shared<const std::vector<std::string>>(std::move(list));
}

CheckpointMail checkpoint(RunId run, std::int64_t step, const char* kind = "last") {
    CheckpointMail mail;
    mail.run = run;
    mail.kind = kind;
    mail.step = step;
    mail.weights = std::make_shared<const TensorMap>();
    return mail;
}

TEST(Mailbox, JoinsRowsThatFollowEachOther) {
    Mailbox box;
    const auto series = names({"train/loss"});
    for (std::int64_t step = 1; step <= 100; ++step)
        box.post_rows(7, series, false, {step}, {0.5});
    const auto mail = box.take();
    ASSERT_EQ(mail.size(), 1u);
    EXPECT_EQ(std::get<RowsMail>(mail[0]).steps.size(), 100u);
    EXPECT_TRUE(box.take().empty());
}

TEST(Mailbox, KeepsOneCheckpointOfARunWaitingAndInItsPlaceAmongTheRows) {
    Mailbox box;
    const auto series = names({"train/loss"});
    box.post(checkpoint(1, 10));
    box.post_rows(1, series, false, {11}, {0.5});
    box.post(checkpoint(1, 11));
    box.post(checkpoint(1, 11, "best"));
    box.post(checkpoint(2, 5));
    std::vector<std::int64_t> steps;
    for (const Mail& mail : box.take()) {
        const auto* one = std::get_if<CheckpointMail>(&mail);
        if (one && one->weights) steps.push_back(one->step);
    }
    EXPECT_EQ(steps, (std::vector<std::int64_t>{11, 11, 5}));
}

TEST(CommandQueue, DropsAResumeThatWasAskedForBeforeANewerPause) {
    CommandQueue queue;
    const auto resume = queue.draw();
    const auto pause = queue.draw();
    queue.push(Pause{}, pause);
    queue.push(Resume{}, resume); // was on its way through the store thread
    const auto orders = queue.take();
    ASSERT_EQ(orders.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<Pause>(orders[0]));
}

TEST(CommandQueue, WakesWhoWaitsForAnOrderOrANudge) {
    CommandQueue queue;
    std::thread other([&] { queue.nudge(); });
    EXPECT_TRUE(queue.wait().empty());
    other.join();
    std::thread another([&] { queue.push(Stop{}, queue.draw()); });
    EXPECT_EQ(queue.wait().size(), 1u);
    another.join();
    EXPECT_TRUE(queue.stop_asked());
}

TEST(FeedBoard, WakesOnceUntilItIsLookedAt) {
    int woken = 0;
    FeedBoard board([&] { ++woken; });
    for (int i = 0; i < 100; ++i)
        board.note("x");
    EXPECT_EQ(woken, 1);
    board.take();
    board.note("y");
    EXPECT_EQ(woken, 2);
}

TEST(FeedBoard, HandsOutManyPointsInPortionsWithoutLosingOneAndTellsTheEndLast) {
    FeedBoard board({});
    const std::vector<MetricPoint> points(25, MetricPoint{1, 2, 3, 4});
    board.points(1, "a", points);
    board.points(2, "b", points);
    board.finished();
    std::size_t got = 0;
    int looks = 0;
    bool finished = false;
    while (!finished && looks < 100) {
        const Feed feed = board.take(10);
        ++looks;
        std::size_t now = 0;
        for (const auto& update : feed.series)
            now += update.points.size();
        EXPECT_LE(now, 10u);
        got += now;
        finished = feed.finished;
    }
    EXPECT_EQ(got, 50u);
    EXPECT_EQ(looks, 5);
}

TEST(FeedBoard, KeepsTheNewestRecordOfARun) {
    FeedBoard board({});
    RunRecord record;
    record.id = 4;
    record.step = 1;
    board.run(record);
    record.step = 2;
    board.run(record);
    const Feed feed = board.take();
    ASSERT_EQ(feed.runs.size(), 1u);
    EXPECT_EQ(feed.runs[0].step, 2);
}

TEST(ProgressMeter, KnowsTheRateAndWhatIsLeftWithTheEvaluations) {
    ProgressMeter meter;
    meter.begin_group({{100, 0, 3, 0}, {100, 0, 3, 0}});
    EXPECT_LT(meter.seconds_left(), 0);
    meter.begin_run(0, {100, 0, 3, 0});
    for (int i = 0; i < 50; ++i)
        meter.step(32, 0.01);
    meter.evaluation(1.0);
    EXPECT_NEAR(meter.samples_per_second(), 3200, 1);
    EXPECT_NEAR(meter.seconds_left(), 150 * 0.01 + 5 * 1.0, 0.05);
    EXPECT_NEAR(meter.fraction(), 1.5 / 8, 0.01);
    meter.end_run();
    EXPECT_NEAR(meter.fraction(), 0.5, 0.01);
}

} // namespace
} // namespace limbeck
