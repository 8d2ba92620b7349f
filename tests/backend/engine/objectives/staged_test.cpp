// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/backend/engine/objectives/term_checks.h"

namespace limbeck {
namespace {

using checks::contains;
using checks::refusal;

double at(const torch::Tensor& x, std::int64_t b, std::int64_t c, std::int64_t h, std::int64_t w) {
    return x.index({b, c, h, w}).item<double>();
}

TEST(Fsp, IsThePublishedOne) {
    LIMBECK_NEED_GOLDEN();
    checks::expect_published("fsp--a");
    checks::expect_published("fsp--b");
}

TEST(Fsp, IsTheMeanSquaredDifferenceOfFlowsInPlainLoops) {
    const auto made = checks::features({{2, 3, 4, 4}, {2, 2, 2, 2}}, {{2, 3, 2, 2}, {2, 2, 2, 2}});
    const auto flow = [](const torch::Tensor& a, const torch::Tensor& b, int sample, int i, int j) {
        const std::int64_t block = a.size(2) / b.size(2);
        double sum = 0;
        for (int h = 0; h < b.size(2); ++h)
            for (int w = 0; w < b.size(3); ++w) {
                double mean = 0;
                for (int y = 0; y < block; ++y)
                    for (int x = 0; x < block; ++x)
                        mean += at(a, sample, i, h * block + y, w * block + x);
                sum += mean / static_cast<double>(block * block) * at(b, sample, j, h, w);
            }
        return sum / static_cast<double>(b.size(2) * b.size(3));
    };
    const auto &s = made.in.student_features, &t = made.in.teacher_features;
    double expected = 0;
    for (int b = 0; b < 2; ++b)
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 2; ++j)
                expected += std::pow(flow(s[0], s[1], b, i, j) - flow(t[0], t[1], b, i, j), 2) / 12;
    EXPECT_NEAR(checks::make("fsp", {}, made.context)->value(made.in).item<double>(), expected, 1e-12);
}

TEST(Fsp, GradientIsTheDerivativeOfTheValue) {
    auto made = checks::features({{2, 3, 4, 4}, {2, 2, 2, 2}, {2, 4, 2, 2}},
                                 {{2, 3, 4, 4}, {2, 2, 4, 4}, {2, 4, 1, 1}});
    checks::expect_derivatives(made.in, *checks::make("fsp", {}, made.context));
}

TEST(Fsp, IsZeroWhereTheStudentIsTheTeacher) {
    auto made = checks::features({{2, 3, 4, 4}, {2, 2, 2, 2}}, {{2, 3, 4, 4}, {2, 2, 2, 2}});
    made.in.student_features = made.in.teacher_features;
    EXPECT_EQ(checks::make("fsp", {}, made.context)->value(made.in).item<double>(), 0);
}

TEST(Fsp, CountsAfterItsInitialStageOnlyWhereThereIsNone) {
    const auto made = checks::features({{2, 3, 4, 4}, {2, 2, 2, 2}}, {{2, 3, 4, 4}, {2, 2, 2, 2}});
    const auto usual = checks::make("fsp", {}, made.context);
    EXPECT_EQ(usual->option(initial_epochs_option), 30);
    EXPECT_TRUE(usual->initial_stage_trains_student());
    EXPECT_FALSE(usual->counts_after_initial_stage());
    EXPECT_TRUE(checks::make("fsp", {{"initial_epochs", 0}}, made.context)->counts_after_initial_stage());
}

TEST(Fsp, RefusesOtherWidthsVectorsAndASingleLevel) {
    const auto widths = checks::features({{2, 3, 4, 4}, {2, 2, 2, 2}}, {{2, 3, 4, 4}, {2, 5, 2, 2}});
    EXPECT_TRUE(contains(refusal("fsp", {}, widths.context), "level 2 of the student is [2, 2, 2]"))
        << refusal("fsp", {}, widths.context);
    const auto vectors = checks::features({{2, 3, 4, 4}, {2, 2}}, {{2, 3, 4, 4}, {2, 2}});
    EXPECT_TRUE(contains(refusal("fsp", {}, vectors.context), "compares pictures"));
    const auto one = checks::features({{2, 3, 4, 4}}, {{2, 3, 4, 4}});
    EXPECT_TRUE(contains(refusal("fsp", {}, one.context), "at least 2 level(s)"));
}

TEST(Ab, IsThePublishedOne) {
    LIMBECK_NEED_GOLDEN();
    checks::expect_published("ab--a");
    checks::expect_published("ab--b");
}

TEST(Ab, PushesEveryNeuronToTheTeachersSideOfTheMarginInPlainLoops) {
    const auto made = checks::features({{3, 2, 2, 2}, {3, 4}}, {{3, 2, 2, 2}, {3, 4}});
    double expected = 0;
    for (std::size_t level = 0; level < 2; ++level) {
        const auto s = made.in.student_features[level].reshape(-1),
                   t = made.in.teacher_features[level].reshape(-1);
        for (int i = 0; i < s.numel(); ++i) {
            const double x = s[i].item<double>(), miss = t[i].item<double>() > 0 ? 0.5 - x : 0.5 + x;
            if (miss > 0) expected += (level == 0 ? 0.5 : 1) * miss * miss * 3 / 1000 / 3;
        }
    }
    const auto term = checks::make("ab", {{"margin", 0.5}}, made.context);
    EXPECT_TRUE(term->parameters().empty());
    EXPECT_NEAR(term->value(made.in).item<double>(), expected, 1e-12);
}

TEST(Ab, CountsATeacherAtTheBoundaryAsSilent) {
    auto made = checks::features({{1, 1}}, {{1, 1}});
    made.in.teacher_features[0].zero_();
    made.in.student_features[0].fill_(-1);
    EXPECT_EQ(checks::make("ab", {}, made.context)->value(made.in).item<double>(), 0);
    made.in.student_features[0].fill_(1);
    EXPECT_NEAR(checks::make("ab", {}, made.context)->value(made.in).item<double>(), 4 * 3.0 / 1000, 1e-15);
}

TEST(Ab, ConnectsUnequalChannelsOrAllWhereAsked) {
    auto made = checks::features({{3, 2, 4, 4}, {3, 4, 2, 2}, {3, 5}}, {{3, 6, 4, 4}, {3, 4, 2, 2}, {3, 3}});
    const auto some = checks::make("ab", {}, made.context);
    EXPECT_EQ(some->children().size(), 2U);
    checks::expect_derivatives(made.in, *some);
    const auto all = checks::make("ab", {{"adapter", 1}}, made.context);
    EXPECT_EQ(all->children().size(), 3U);
    checks::expect_derivatives(made.in, *all);
}

TEST(Ab, ComparesWhatTheConnectorMakesOfTheStudent) {
    auto made = checks::features({{3, 2, 2, 2}}, {{3, 4, 2, 2}});
    const auto term = checks::make("ab", {}, made.context);
    const auto weight = term->named_parameters()["connector0.0.weight"].squeeze();
    const torch::Tensor mixed = torch::einsum("oc,bchw->bohw", {weight, made.in.student_features[0]});
    const torch::Tensor mean = mixed.mean({0, 2, 3}, true),
                        spread = (mixed - mean).square().mean({0, 2, 3}, true);
    auto connected = checks::features({{3, 4, 2, 2}}, {{3, 4, 2, 2}});
    connected.in.student_features[0] = (mixed - mean) / (spread + 1e-5).sqrt();
    connected.in.teacher_features = made.in.teacher_features;
    EXPECT_NEAR(term->value(made.in).item<double>(),
                checks::make("ab", {}, connected.context)->value(connected.in).item<double>(), 1e-12);
}

TEST(Ab, MeetsALargerTeacherAtTheStudentsSize) {
    auto made = checks::features({{2, 3, 2, 2}}, {{2, 3, 4, 4}});
    auto pooled = made;
    pooled.in.teacher_features[0] = torch::avg_pool2d(made.in.teacher_features[0], 2);
    pooled.context.teacher_shapes[0] = {3, 2, 2};
    EXPECT_NEAR(checks::make("ab", {}, made.context)->value(made.in).item<double>(),
                checks::make("ab", {}, pooled.context)->value(pooled.in).item<double>(), 1e-15);
}

TEST(Ab, RefusesAPictureAgainstAVector) {
    const auto made = checks::features({{2, 3, 4, 4}}, {{2, 3}});
    EXPECT_TRUE(contains(refusal("ab", {}, made.context), "pictures with pictures or vectors with vectors"));
}

TEST(Ft, IsThePublishedOneOnGivenFactors) {
    LIMBECK_NEED_GOLDEN();
    checks::expect_published("ft-factor--a");
    checks::expect_published("ft-factor--b");
}

/// Convolution 3×3 with padding 1, batch norm, leaky ReLU, in plain loops; with `statistics` of the batch or
/// those that are kept.
torch::Tensor slow_layer(const torch::Tensor& x, const torch::nn::Module& stack, int index, bool kept) {
    const auto parameters = stack.named_parameters();
    const auto buffers = stack.named_buffers();
    const std::string conv = std::to_string(3 * index), norm = std::to_string(3 * index + 1);
    const auto weight = parameters[conv + ".weight"].detach(), bias = parameters[conv + ".bias"].detach();
    const auto B = x.size(0), O = weight.size(0), H = x.size(2), W = x.size(3);
    torch::Tensor out = torch::zeros({B, O, H, W}, torch::kFloat64);
    auto y = out.accessor<double, 4>();
    const auto in = x.accessor<double, 4>(), k = weight.accessor<double, 4>();
    for (int b = 0; b < B; ++b)
        for (int o = 0; o < O; ++o)
            for (int h = 0; h < H; ++h)
                for (int w = 0; w < W; ++w) {
                    double sum = bias[o].item<double>();
                    for (int c = 0; c < x.size(1); ++c)
                        for (int i = -1; i <= 1; ++i)
                            for (int j = -1; j <= 1; ++j)
                                if (h + i >= 0 && h + i < H && w + j >= 0 && w + j < W)
                                    sum += in[b][c][h + i][w + j] * k[o][c][i + 1][j + 1];
                    y[b][o][h][w] = sum;
                }
    for (int o = 0; o < O; ++o) {
        double mean = buffers[norm + ".running_mean"][o].item<double>(),
               variance = buffers[norm + ".running_var"][o].item<double>();
        if (!kept) {
            mean = variance = 0;
            const auto count = static_cast<double>(B * H * W);
            for (int b = 0; b < B; ++b)
                for (int h = 0; h < H; ++h)
                    for (int w = 0; w < W; ++w)
                        mean += y[b][o][h][w] / count;
            for (int b = 0; b < B; ++b)
                for (int h = 0; h < H; ++h)
                    for (int w = 0; w < W; ++w)
                        variance += std::pow(y[b][o][h][w] - mean, 2) / count;
        }
        for (int b = 0; b < B; ++b)
            for (int h = 0; h < H; ++h)
                for (int w = 0; w < W; ++w) {
                    const double z = (y[b][o][h][w] - mean) / std::sqrt(variance + 1e-5);
                    y[b][o][h][w] = z > 0 ? z : 0.1 * z;
                }
    }
    return out;
}

torch::Tensor slow_stack(torch::Tensor x, const torch::nn::Module& stack, bool kept) {
    for (int layer = 0; layer < 3; ++layer)
        x = slow_layer(x, stack, layer, kept);
    return x;
}

TEST(Ft, ComparesTranslationAndParaphraseInPlainLoops) {
    const auto made = checks::features({{2, 3, 2, 2}}, {{2, 4, 2, 2}});
    const auto term = checks::make("ft", {}, made.context);
    const auto parts = term->named_children();
    const torch::Tensor s = slow_stack(made.in.student_features[0], *parts["translator"], /*kept=*/false),
                        t = slow_stack(made.in.teacher_features[0], *parts["encoder"], /*kept=*/true);
    ASSERT_EQ(s.size(1), 2) << "half of the teacher's channels";
    double expected = 0;
    for (int b = 0; b < 2; ++b) {
        double of_s[4] = {}, of_t[4] = {}, length_s = 0, length_t = 0;
        for (int i = 0; i < 4; ++i) {
            for (int c = 0; c < 2; ++c) {
                of_s[i] += std::pow(at(s, b, c, i / 2, i % 2), 2) / 2;
                of_t[i] += std::pow(at(t, b, c, i / 2, i % 2), 2) / 2;
            }
            length_s += of_s[i] * of_s[i];
            length_t += of_t[i] * of_t[i];
        }
        for (int i = 0; i < 4; ++i)
            expected += std::abs(of_s[i] / std::sqrt(length_s) - of_t[i] / std::sqrt(length_t)) / 8;
    }
    EXPECT_NEAR(term->value(made.in).item<double>(), expected, 1e-10);
}

TEST(Ft, TrainsTheParaphraserAloneInItsInitialStage) {
    auto made = checks::features({{3, 3, 4, 4}}, {{3, 4, 4, 4}});
    const auto term = checks::make("ft", {}, made.context);
    EXPECT_FALSE(term->initial_stage_trains_student());
    EXPECT_TRUE(term->counts_after_initial_stage());
    made.in.student_features[0].requires_grad_();
    term->initial_value(made.in).backward();
    EXPECT_FALSE(made.in.student_features[0].grad().defined());
    for (const auto& item : term->named_parameters())
        EXPECT_EQ(item.value().grad().defined(), !item.key().starts_with("translator")) << item.key();
    checks::expect_derivatives(
        made.in, *term, [&] { return term->initial_value(made.in); }, /*student=*/false);
}

TEST(Ft, RebuildsTheTeachersFeatureBetterWithEveryStepOfTheInitialStage) {
    const auto made = checks::features({{4, 3, 4, 4}}, {{4, 6, 4, 4}});
    const auto term = checks::make("ft", {}, made.context);
    torch::optim::SGD optimizer(term->parameters(), torch::optim::SGDOptions(0.05));
    const double before = term->initial_value(made.in).item<double>();
    for (int step = 0; step < 20; ++step) {
        optimizer.zero_grad();
        term->initial_value(made.in).backward();
        optimizer.step();
    }
    EXPECT_LT(term->initial_value(made.in).item<double>(), before);
}

TEST(Ft, LeavesTheParaphraserAloneAfterwards) {
    auto made = checks::features({{3, 3, 4, 4}}, {{3, 4, 4, 4}});
    const auto term = checks::make("ft", {}, made.context);
    (void)term->initial_value(made.in);
    std::map<std::string, torch::Tensor> before;
    for (const auto& item : term->named_buffers())
        before[item.key()] = item.value().clone();
    made.in.student_features[0].requires_grad_();
    made.in.teacher_features[0].requires_grad_();
    term->value(made.in).backward();
    EXPECT_TRUE(made.in.student_features[0].grad().defined());
    EXPECT_FALSE(made.in.teacher_features[0].grad().defined());
    for (const auto& item : term->named_parameters())
        EXPECT_EQ(item.value().grad().defined(), item.key().starts_with("translator")) << item.key();
    for (const auto& item : term->named_buffers())
        if (!item.key().starts_with("translator"))
            EXPECT_TRUE(item.value().equal(before[item.key()])) << item.key();
}

TEST(Ft, GradientIsTheDerivativeOfTheValue) {
    auto made = checks::features({{3, 3, 4, 4}}, {{3, 4, 2, 2}});
    checks::expect_derivatives(made.in, *checks::make("ft", {}, made.context));
    checks::expect_derivatives(made.in,
                               *checks::make("ft", {{"adapter", 0}, {"p1", 3}, {"p2", 2}}, made.context));
}

TEST(Ft, HasFactorsOfTheChosenRate) {
    const auto made = checks::features({{3, 3, 4, 4}}, {{3, 8, 4, 4}});
    const auto term = checks::make("ft", {{"rate", 0.25}}, made.context);
    EXPECT_EQ(term->named_parameters()["encoder.6.weight"].size(0), 2);
    EXPECT_TRUE(checks::make("ft", {{"adapter", 0}}, made.context)->parameters().empty());
}

TEST(Ft, RefusesVectorsAndSeveralLevels) {
    EXPECT_TRUE(
        contains(refusal("ft", {}, checks::features({{2, 3}}, {{2, 3}}).context), "compares pictures"));
    const auto two = checks::features({{2, 3, 2, 2}, {2, 3, 2, 2}}, {{2, 3, 2, 2}, {2, 3, 2, 2}});
    EXPECT_TRUE(contains(refusal("ft", {}, two.context), "one level; found 2"));
}

} // namespace
} // namespace limbeck
