// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "backend/engine/training/sampler.h"
#include "backend/engine/training/schedule.h"

namespace limbeck {
namespace {

TEST(Order, EveryEpochHasEverySampleOnceInAnOrderOfItsOwn) {
    std::vector<std::int64_t> part(50);
    std::iota(part.begin(), part.end(), 100);
    const auto first = epoch_order(3, 0, part), second = epoch_order(3, 1, part);
    EXPECT_NE(first, second);
    EXPECT_EQ(first, epoch_order(3, 0, part));
    EXPECT_NE(first, epoch_order(4, 0, part));
    auto sorted = first;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, part);
}

TEST(Order, EverySampleComesFirstAboutEquallyOften) {
    const std::vector<std::int64_t> part{0, 1, 2, 3};
    std::vector<int> first(4);
    for (std::uint64_t seed = 0; seed < 4000; ++seed)
        ++first[static_cast<std::size_t>(epoch_order(seed, 0, part)[0])];
    for (const int count : first)
        EXPECT_NEAR(count, 1000, 120); // four standard deviations
}

TEST(Steps, KeepALastBatchUnlessItIsASingleSample) {
    EXPECT_EQ(steps_per_epoch(100, 10), 10);
    EXPECT_EQ(steps_per_epoch(102, 10), 11);
    EXPECT_EQ(steps_per_epoch(101, 10), 10);
    EXPECT_EQ(steps_per_epoch(3, 1), 3);
    EXPECT_EQ(steps_per_epoch(10, 10), 1);
}

TEST(Views, ArePackedWithoutLoss) {
    for (std::int64_t padding : {0, 1, 4}) {
        std::set<std::int64_t> ids;
        for (std::int64_t dy = 0; dy <= 2 * padding; ++dy) {
            for (std::int64_t dx = 0; dx <= 2 * padding; ++dx) {
                for (const bool flip : {false, true}) {
                    const View view{dy, dx, flip};
                    EXPECT_EQ(view_of(view_id(view, padding), padding), view);
                    ids.insert(view_id(view, padding));
                }
            }
        }
        EXPECT_EQ(*ids.rbegin() + 1, static_cast<std::int64_t>(ids.size()));
    }
}

TEST(Views, HangOnSeedAndStepAloneAndUseAllShifts) {
    const auto views = step_views(5, 12, 4000, 2, true);
    EXPECT_EQ(views, step_views(5, 12, 4000, 2, true));
    EXPECT_NE(views, step_views(5, 13, 4000, 2, true));
    std::set<std::int64_t> seen(views.begin(), views.end());
    EXPECT_EQ(seen.size(), 50u); // 5 · 5 · 2
    for (const auto id : step_views(5, 12, 100, 2, false))
        EXPECT_FALSE(view_of(id, 2).flip);
    for (const auto id : step_views(5, 12, 100, 0, true))
        EXPECT_LT(id, 2);
}

TEST(Schedule, FollowsItsFormula) {
    OptimizationConfig config;
    config.epochs = 10;
    config.step_every = 3;
    config.step_factor = 0.5;
    const std::int64_t an_epoch = 8, total = 80;
    const auto factor = [&](const char* schedule, double warmup_epochs, std::int64_t step) {
        config.schedule = schedule;
        config.warmup_epochs = warmup_epochs;
        return schedule_factor(config, step, an_epoch);
    };
    const auto cosine = [](double progress) { return 0.5 + 0.5 * std::cos(std::numbers::pi * progress); };
    for (std::int64_t step = 0; step < total; ++step) {
        const auto t = static_cast<double>(step);
        const double drops = step < 24 ? 1 : step < 48 ? 0.5 : step < 72 ? 0.25 : 0.125;
        const double warm = std::min(1.0, (t + 1) / 12); // one epoch and a half are twelve steps
        EXPECT_EQ(factor("constant", 0, step), 1);
        EXPECT_NEAR(factor("constant", 1.5, step), warm, 1e-12);
        EXPECT_NEAR(factor("step", 0, step), drops, 1e-12);
        EXPECT_NEAR(factor("step", 1.5, step), warm * drops, 1e-12);
        EXPECT_NEAR(factor("cosine", 0, step), cosine(t / total), 1e-12);
        EXPECT_NEAR(factor("cosine", 1.5, step), step < 12 ? warm : cosine((t - 12) / (total - 12)), 1e-12);
    }
}

} // namespace
} // namespace limbeck
