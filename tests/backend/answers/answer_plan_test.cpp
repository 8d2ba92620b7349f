// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/answers/answer_plan.h"

namespace limbeck {
namespace {

using testing::HasSubstr;

AnswerWish cifar100(const std::string& how) {
    AnswerWish wish;
    wish.wish = how;
    wish.samples = 60'000;
    wish.views = count_views(4, true);
    wish.classes = 100;
    wish.budget = 1'000'000'000;
    wish.folder = "/cache";
    return wish;
}

TEST(AnswerPlan, CountsTheWaysToCropAndMirror) {
    EXPECT_EQ(count_views(0, false), 1);
    EXPECT_EQ(count_views(0, true), 2);
    EXPECT_EQ(count_views(4, false), 81);
    EXPECT_EQ(count_views(4, true), 162);
}

TEST(AnswerPlan, OffKeepsNothingAndSaysNothing) {
    const auto plan = plan_answers(cifar100("off"));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->where, AnswersKept::nowhere);
    EXPECT_EQ(plan->why, "");
}

TEST(AnswerPlan, KeepsInMemoryWhatFits) {
    auto wish = cifar100("auto");
    wish.views = 1;
    const auto plan = plan_answers(wish);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->where, AnswersKept::in_memory);
    EXPECT_TRUE(plan->to_disk);
    EXPECT_FALSE(plan->half);
    EXPECT_EQ(plan->bytes, 60'000 * 100 * 4);
    wish.folder.clear();
    EXPECT_FALSE(plan_answers(wish)->to_disk);
    wish.wish = "half";
    EXPECT_TRUE(plan_answers(wish)->half);
    EXPECT_EQ(plan_answers(wish)->bytes, 60'000 * 100 * 2);
}

TEST(AnswerPlan, WhatDoesNotFitIntoMemoryGoesToTheDisk) {
    for (const char* how : {"auto", "float32", "half"}) {
        const auto plan = plan_answers(cifar100(how));
        ASSERT_TRUE(plan) << how;
        EXPECT_EQ(plan->where, AnswersKept::on_disk) << how;
    }
    auto wish = cifar100("float32");
    wish.budget = 100'000'000'000;
    EXPECT_EQ(plan_answers(wish)->where, AnswersKept::in_memory);
    wish.spare = 1'000'000'000; // the training itself takes the rest
    EXPECT_EQ(plan_answers(wish)->where, AnswersKept::on_disk);
}

TEST(AnswerPlan, WithoutAnyRoomAutoGoesLiveAndAWishIsRefusedWithTheNumbers) {
    auto wish = cifar100("auto");
    wish.folder.clear();
    const auto live = plan_answers(wish);
    ASSERT_TRUE(live);
    EXPECT_EQ(live->where, AnswersKept::nowhere);
    EXPECT_THAT(live->why, HasSubstr("60,000 samples × 162 views × 100 classes in float32 take 3.9 GB"));
    wish.wish = "float32";
    const auto refused = plan_answers(wish);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::configuration);
    EXPECT_EQ(refused.error().field, "teacher.cache_budget");
    EXPECT_THAT(refused.error().message, HasSubstr("the memory for them is 1 GB, and there is no folder"));
    wish.folder = "/cache";
    wish.classes = 1000;
    EXPECT_THAT(plan_answers(wish).error().message, HasSubstr("the folder for them holds 8 GB"));
}

TEST(AnswerPlan, WhatWouldNotBeExactIsNotKept) {
    std::vector<std::pair<AnswerWish, std::string>> cases(3, {cifar100("auto"), ""});
    cases[0].first.mixup = true;
    cases[0].second = "no answer comes twice";
    cases[1].first.features = "at";
    cases[1].second = "the teacher's features (at)";
    cases[2].first.teacher = false;
    cases[2].second = "nobody teaches";
    for (auto [wish, words] : cases) {
        const auto live = plan_answers(wish);
        ASSERT_TRUE(live);
        EXPECT_EQ(live->where, AnswersKept::nowhere);
        EXPECT_THAT(live->why, HasSubstr(words));
        for (const char* how : {"float32", "half"}) {
            wish.wish = how;
            const auto refused = plan_answers(wish);
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().field, "teacher.cache");
            EXPECT_THAT(refused.error().message, HasSubstr(words));
            EXPECT_THAT(refused.error().message, HasSubstr(std::string("teacher.cache is ") + how));
        }
    }
    EXPECT_THAT(plan_answers(cifar100("halb")).error().message, HasSubstr("off, auto, float32 or half"));
}

} // namespace
} // namespace limbeck
