// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/thinner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace limbeck {
namespace {

std::vector<MetricPoint> thin(Thinner& thinner, std::int64_t from, std::int64_t to) {
    std::vector<MetricPoint> points;
    for (std::int64_t step = from; step <= to; ++step)
        thinner.add(step, 1.0 / static_cast<double>(step), points);
    return points;
}

TEST(Thinner, LeavesEveryPointAsItIsWhileAllFit) {
    EXPECT_EQ(thinning_span(100'000, 100'000), 1);
    Thinner thinner(thinning_span(100'000, 100'000));
    const auto points = thin(thinner, 1, 5);
    ASSERT_EQ(points.size(), 5u);
    EXPECT_EQ(points[2], (MetricPoint{3, 1.0 / 3, 1.0f / 3, 1.0f / 3}));
}

TEST(Thinner, GivesMinimumMeanAndMaximumOfNeighbouringSteps) {
    Thinner thinner(3);
    std::vector<MetricPoint> points;
    for (std::int64_t step = 1; step <= 7; ++step)
        thinner.add(step, static_cast<double>(step), points);
    ASSERT_EQ(points.size(), 2u);
    EXPECT_EQ(points[0], (MetricPoint{3, 2.0, 1.0f, 3.0f}));
    EXPECT_EQ(points[1], (MetricPoint{6, 5.0, 4.0f, 6.0f}));
    thinner.finish(points);
    ASSERT_EQ(points.size(), 3u);
    EXPECT_EQ(points[2], (MetricPoint{7, 7.0, 7.0f, 7.0f}));
}

TEST(Thinner, KeepsAnyRunUnderItsCap) {
    for (const std::int64_t total : {1, 99, 100, 101, 12'345, 1'000'000}) {
        Thinner thinner(thinning_span(total, 100));
        auto points = thin(thinner, 1, total);
        thinner.finish(points);
        EXPECT_LE(points.size(), 100u) << total;
        EXPECT_GE(points.size(), static_cast<std::size_t>(std::min<std::int64_t>(total, 50))) << total;
    }
}

TEST(Thinner, GoesOnFromItsStateToTheSameBits) {
    Thinner whole(7);
    const auto wanted = thin(whole, 1, 700);
    Thinner first(7);
    auto points = thin(first, 1, 305);
    Thinner second(7);
    ASSERT_TRUE(second.restore(first.state()));
    const auto rest = thin(second, 306, 700);
    points.insert(points.end(), rest.begin(), rest.end());
    EXPECT_EQ(points, wanted);
}

TEST(Thinner, RefusesAStateThatIsNone) {
    Thinner thinner(7);
    EXPECT_FALSE(thinner.restore("3 4 nonsense"));
    EXPECT_FALSE(thinner.restore("0 4 1 1 1"));
    EXPECT_TRUE(thinner.restore(""));
}

TEST(Thinner, LeavesOutWhatIsNotFinite) {
    Thinner thinner(2);
    std::vector<MetricPoint> points;
    thinner.add(1, std::numeric_limits<double>::quiet_NaN(), points);
    thinner.add(2, 4.0, points);
    thinner.add(3, std::numeric_limits<double>::infinity(), points);
    thinner.finish(points);
    EXPECT_EQ(points, (std::vector<MetricPoint>{{2, 4.0, 4.0f, 4.0f}}));
}

} // namespace
} // namespace limbeck
