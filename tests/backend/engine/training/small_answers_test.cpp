// SPDX-License-Identifier: GPL-3.0-or-later
// The loop over small batches held against LibTorch's operators.
#include "backend/engine/training/small_answers.h"

#include <random>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/evaluation/counts.h"
#include "backend/engine/objectives/objective.h"

namespace limbeck {
namespace {

using torch::Tensor;

struct Case {
    std::int64_t batch, classes;
    double hard_weight, soft_weight, temperature;
    bool t_squared;
};

LossSettings loss(const Case& c, bool standardize = false) {
    LossContext context;
    context.terms.classes = c.classes;
    return *make_loss(c.hard_weight,
                      {{.id = "kd",
                        .weight = c.soft_weight,
                        .taps = {},
                        .options = {{"temperature", c.temperature},
                                    {"t_squared", c.t_squared ? 1.0 : 0.0},
                                    {"standardize", standardize ? 1.0 : 0.0}}}},
                      context);
}

LossInputs inputs(const Case& c, std::uint64_t seed) {
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    LossInputs in;
    in.student.logits = (torch::randn({c.batch, c.classes}, generator) * 5).requires_grad_();
    in.others.push_back({torch::randn({c.batch, c.classes}, generator) * 5, {}, {}});
    in.labels = torch::randint(c.classes, {c.batch}, generator, torch::kInt64);
    return in;
}

double apart(const Tensor& a, const Tensor& b) {
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-12)).item<double>();
}

TEST(SmallAnswers, GiveTheValuesGradientAndCountsOfTheOperators) {
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
        const Case c{
            1 + static_cast<std::int64_t>(random() % 40), 2 + static_cast<std::int64_t>(random() % 60),
            static_cast<double>(random() % 3) / 2,        0.5 + static_cast<double>(random() % 3),
            0.5 + static_cast<double>(random() % 8),      random() % 2 == 0};
        SCOPED_TRACE(testing::Message()
                     << "batch " << c.batch << ", classes " << c.classes << ", T " << c.temperature);
        LossInputs in = inputs(c, 100 + static_cast<std::uint64_t>(i));
        const LossSettings settings = loss(c);
        const auto small = small_answers({settings, in, {}, {}, {}});
        ASSERT_TRUE(small);

        // The same as float64, which the loop does not take.
        LossInputs wide = in;
        wide.student.logits = in.student.logits.detach().to(torch::kFloat64).requires_grad_();
        wide.others[0].logits = in.others[0].logits.to(torch::kFloat64);
        const LossValues values = backpropagate({settings, wide, {}, {}, {}});
        const Tensor counts = count_answers(wide.student.logits.detach(), wide.others[0].logits, in.labels);
        const Tensor row = torch::cat({values.total.view({1}), values.hard.view({1}),
                                       values.terms[0].view({1}), torch::stack(values.shares), counts});
        EXPECT_LT(((small->values.row - row).abs() / (1 + row.abs())).max().item<double>(), 2e-6);
        EXPECT_EQ(small->values.total.item<float>(), small->values.row[0].item<float>());
        EXPECT_LT(apart(small->gradient, wide.student.logits.grad()), 2e-6);
        EXPECT_EQ(small->values.weights, values.weights);
        EXPECT_EQ(small->values.hard_weight, values.hard_weight);
    }
}

TEST(SmallAnswers, AreComputedOfATrainingWithoutATeacherToo) {
    LossInputs in = inputs({10, 3, 1, 1, 1, true}, 1);
    in.others.clear();
    LossSettings alone;
    alone.hard_weight = 0.7;
    const auto small = small_answers({alone, in, {}, {}, {}});
    ASSERT_TRUE(small);
    const Tensor hard = torch::cross_entropy_loss(in.student.logits, in.labels);
    EXPECT_LT(std::abs(small->values.row[1].item<double>() - hard.item<double>()), 1e-6);
    (hard * 0.7).backward();
    EXPECT_LT(apart(small->gradient, in.student.logits.grad()), 2e-6);
    EXPECT_EQ(small->values.row.numel(), 2 + count_columns);
}

TEST(SmallAnswers, LeaveOtherLossesAndLargeBatchesToTheOperators) {
    const Case c{8, 4, 1, 1, 2, true};
    const auto taken = [](const LossSettings& settings, const LossInputs& in, LossTime time = {}) {
        return small_answers({settings, in, time, {}, {}}).has_value();
    };
    EXPECT_TRUE(taken(loss(c), inputs(c, 1)));
    EXPECT_FALSE(taken(loss(c, /*standardize=*/true), inputs(c, 1)));
    EXPECT_FALSE(taken(loss({8, 4, 0, 0, 2, true}), inputs(c, 1))) << "nothing counts";
    LossTime initial;
    initial.initial = true;
    EXPECT_FALSE(taken(loss(c), inputs(c, 1), initial));
    const Case large{512, 100, 1, 1, 2, true};
    EXPECT_FALSE(taken(loss(large), inputs(large, 1)));
    LossContext context;
    context.terms.classes = 4;
    EXPECT_FALSE(
        taken(*make_loss(1, {{.id = "dkd", .weight = 1, .taps = {}, .options = {}}}, context), inputs(c, 1)));
}

TEST(SmallAnswers, SayThatALossIsNotFinite) {
    const Case c{4, 3, 1, 1, 2, true};
    LossInputs in = inputs(c, 1);
    {
        const torch::NoGradGuard no_grad;
        in.student.logits[2][1] = std::numeric_limits<float>::infinity();
    }
    EXPECT_FALSE(small_answers({loss(c), in, {}, {}, {}})->values.total.isfinite().item<bool>());
}

} // namespace
} // namespace limbeck
