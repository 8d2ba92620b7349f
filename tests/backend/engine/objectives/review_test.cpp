// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/models/simkd.h"
#include "tests/backend/engine/objectives/term_checks.h"

namespace limbeck {
namespace {

using checks::contains;
using checks::normal;
using checks::refusal;

double at(const torch::Tensor& x, std::int64_t b, std::int64_t c, std::int64_t h, std::int64_t w) {
    return x.index({b, c, h, w}).item<double>();
}

torch::Tensor picture(const torch::Tensor& x) {
    return x.dim() == 2 ? x.reshape({x.size(0), x.size(1), 1, 1}) : x;
}

/// Mean of the block of x that cell (h, w) of a side×side picture covers; sides divide each other.
double block_mean(const torch::Tensor& x, int b, int c, int h, int w, std::int64_t side) {
    const std::int64_t block = x.size(2) / side;
    double sum = 0;
    for (int i = 0; i < block; ++i)
        for (int j = 0; j < block; ++j)
            sum += at(x, b, c, h * block + i, w * block + j);
    return sum / static_cast<double>(block * block);
}

double slow_context_loss(const torch::Tensor& s, const torch::Tensor& t) {
    double total = 0, weights = 0, weight = 1;
    std::vector<std::int64_t> sides{s.size(2)};
    for (const std::int64_t side : {4, 2, 1})
        if (side < s.size(2)) sides.push_back(side);
    for (const std::int64_t side : sides) {
        double sum = 0;
        for (int b = 0; b < s.size(0); ++b)
            for (int c = 0; c < s.size(1); ++c)
                for (int h = 0; h < side; ++h)
                    for (int w = 0; w < side; ++w)
                        sum += std::pow(block_mean(s, b, c, h, w, side) - block_mean(t, b, c, h, w, side), 2);
        total += weight * sum / static_cast<double>(s.size(0) * s.size(1) * side * side);
        weights += weight;
        weight /= 2;
    }
    return total / weights;
}

/// A convolution of odd side with zeros around it, in plain loops.
torch::Tensor slow_convolution(const torch::Tensor& x, const torch::Tensor& weight) {
    const auto reach = static_cast<int>(weight.size(2) / 2);
    const auto H = x.size(2), W = x.size(3);
    torch::Tensor out = torch::zeros({x.size(0), weight.size(0), H, W}, torch::kFloat64);
    auto y = out.accessor<double, 4>();
    const torch::Tensor detached = weight.detach();
    const auto k = detached.accessor<double, 4>();
    const torch::Tensor input = x.contiguous();
    const auto in = input.accessor<double, 4>();
    for (int b = 0; b < x.size(0); ++b)
        for (int o = 0; o < weight.size(0); ++o)
            for (int h = 0; h < H; ++h)
                for (int w = 0; w < W; ++w)
                    for (int c = 0; c < x.size(1); ++c)
                        for (int i = -reach; i <= reach; ++i)
                            for (int j = -reach; j <= reach; ++j)
                                if (h + i >= 0 && h + i < H && w + j >= 0 && w + j < W)
                                    y[b][o][h][w] += in[b][c][h + i][w + j] * k[o][c][i + reach][j + reach];
    return out;
}

/// Batch norm with the batch's own statistics and no scale, in plain loops.
torch::Tensor slow_norm(const torch::Tensor& x) {
    torch::Tensor out = x.clone();
    auto y = out.accessor<double, 4>();
    const auto count = static_cast<double>(x.size(0) * x.size(2) * x.size(3));
    const auto every = [&](auto&& visit, int c) {
        for (int b = 0; b < x.size(0); ++b)
            for (int h = 0; h < x.size(2); ++h)
                for (int w = 0; w < x.size(3); ++w)
                    visit(y[b][c][h][w]);
    };
    for (int c = 0; c < x.size(1); ++c) {
        double mean = 0, variance = 0;
        every([&](double v) { mean += v / count; }, c);
        every([&](double v) { variance += (v - mean) * (v - mean) / count; }, c);
        every([&](double& v) { v = (v - mean) / std::sqrt(variance + 1e-5); }, c);
    }
    return out;
}

torch::Tensor slow_resize(const torch::Tensor& x, std::int64_t side) {
    torch::Tensor out = torch::empty({x.size(0), x.size(1), side, side}, torch::kFloat64);
    for (int h = 0; h < side; ++h)
        for (int w = 0; w < side; ++w)
            out.select(2, h).select(2, w).copy_(
                x.select(2, h * x.size(2) / side).select(2, w * x.size(3) / side));
    return out;
}

TEST(ReviewkdHcl, IsThePublishedOne) {
    LIMBECK_NEED_GOLDEN();
    checks::expect_published("hcl--a");
    checks::expect_published("hcl--b");
}

TEST(ReviewkdHcl, ComparesPicturesAtSeveralSizesInPlainLoops) {
    const auto made = checks::features({{2, 2, 8, 8}, {2, 3, 4, 4}, {2, 3, 1, 1}},
                                       {{2, 2, 8, 8}, {2, 3, 4, 4}, {2, 3, 1, 1}});
    double expected = 0;
    for (std::size_t i = 0; i < 3; ++i)
        expected += slow_context_loss(made.in.student_features[i], made.in.teacher_features[i]);
    EXPECT_NEAR(checks::make("reviewkd-hcl", {}, made.context)->value(made.in).item<double>(), expected,
                1e-12);
}

TEST(ReviewkdHcl, GradientIsTheDerivativeOfTheValue) {
    auto made = checks::features({{2, 2, 8, 8}, {2, 3, 4, 4}, {2, 3}}, {{2, 2, 8, 8}, {2, 3, 2, 2}, {2, 3}});
    checks::expect_derivatives(made.in, *checks::make("reviewkd-hcl", {}, made.context));
}

TEST(ReviewkdHcl, IsTheSquaredDifferenceWhereAPictureIsAPoint) {
    const auto vector = checks::features({{2, 3}}, {{2, 3}});
    const auto expected = (vector.in.student_features[0] - vector.in.teacher_features[0]).square().mean();
    EXPECT_NEAR(checks::make("reviewkd-hcl", {}, vector.context)->value(vector.in).item<double>(),
                expected.item<double>(), 1e-14);
}

TEST(ReviewkdHcl, RefusesUnequalChannels) {
    const auto made = checks::features({{2, 3, 4, 4}}, {{2, 5, 4, 4}});
    EXPECT_TRUE(contains(refusal("reviewkd-hcl", {}, made.context), "Choose reviewkd"));
}

TEST(Reviewkd, FusesFromDeepToShallowInPlainLoops) {
    const auto made =
        checks::features({{2, 2, 8, 8}, {2, 3, 4, 4}, {2, 3}}, {{2, 3, 8, 8}, {2, 4, 2, 2}, {2, 5}});
    const auto term = checks::make("reviewkd", {}, made.context);
    const auto weights = term->named_parameters();
    double expected = 0;
    torch::Tensor deeper;
    for (int level = 2; level >= 0; --level) {
        const auto index = static_cast<std::size_t>(level);
        const std::string prefix = "fusion" + std::to_string(level) + ".";
        const torch::Tensor teacher = picture(made.in.teacher_features[index]);
        torch::Tensor x = slow_norm(
            slow_convolution(picture(made.in.student_features[index]), weights[prefix + "narrow.0.weight"]));
        ASSERT_EQ(x.size(1), 3) << "channels of the student's deepest level";
        if (level < 2) {
            const torch::Tensor y = slow_resize(deeper, x.size(2));
            const torch::Tensor scores =
                slow_convolution(torch::cat({x, y}, 1), weights[prefix + "attention.weight"]);
            torch::Tensor fused = torch::zeros_like(x);
            for (int b = 0; b < x.size(0); ++b)
                for (int c = 0; c < x.size(1); ++c)
                    for (int h = 0; h < x.size(2); ++h)
                        for (int w = 0; w < x.size(3); ++w) {
                            const auto share = [&](int side) {
                                const double bias = weights[prefix + "attention.bias"][side].item<double>();
                                return 1 / (1 + std::exp(-at(scores, b, side, h, w) - bias));
                            };
                            fused.index_put_({b, c, h, w},
                                             at(x, b, c, h, w) * share(0) + at(y, b, c, h, w) * share(1));
                        }
            x = fused;
        }
        deeper = slow_resize(x, teacher.size(2));
        expected += slow_context_loss(slow_norm(slow_convolution(deeper, weights[prefix + "widen.0.weight"])),
                                      teacher);
    }
    EXPECT_NEAR(term->value(made.in).item<double>(), expected, 1e-10);
}

TEST(Reviewkd, GradientIsTheDerivativeOfTheValue) {
    auto made = checks::features({{3, 2, 8, 8}, {3, 3, 4, 4}, {3, 3}}, {{3, 3, 4, 4}, {3, 4, 4, 4}, {3, 5}});
    checks::expect_derivatives(made.in, *checks::make("reviewkd", {}, made.context));
}

TEST(Reviewkd, LetsADeepLevelReachTheShallowComparison) {
    // With the deep level's own comparison taken away, its feature still matters through the fusion.
    auto made = checks::features({{2, 2, 4, 4}, {2, 3, 2, 2}}, {{2, 2, 4, 4}, {2, 3, 2, 2}});
    const auto term = checks::make("reviewkd", {}, made.context);
    {
        const torch::NoGradGuard no_grad;
        term->named_parameters()["fusion1.widen.1.weight"].zero_();
    }
    made.in.student_features[1].requires_grad_();
    term->value(made.in).backward();
    EXPECT_GT(made.in.student_features[1].grad().abs().max().item<double>(), 0);
}

TEST(Reviewkd, WarmsUpOverTwentyEpochsAndGivesTheTeacherNoGradient) {
    auto made = checks::features({{2, 2, 4, 4}, {2, 3}}, {{2, 2, 4, 4}, {2, 3}});
    const auto term = checks::make("reviewkd", {}, made.context);
    EXPECT_EQ(term->option(warmup_epochs_option), 20);
    made.in.teacher_features[0].requires_grad_();
    term->value(made.in).backward();
    EXPECT_FALSE(made.in.teacher_features[0].grad().defined());
}

TEST(Reviewkd, RefusesAPictureAgainstAVectorAndUnequalNumbersOfLevels) {
    const auto mixed = checks::features({{2, 2, 4, 4}}, {{2, 2}});
    EXPECT_TRUE(contains(refusal("reviewkd", {}, mixed.context), "level 1 of the student is [2, 4, 4]"));
    const auto uneven = checks::features({{2, 2, 4, 4}, {2, 2}}, {{2, 2, 4, 4}});
    EXPECT_TRUE(contains(refusal("reviewkd", {}, uneven.context), "2 of the student and 1 of the teacher"));
}

TEST(Simkd, ComparesTheProjectedPictureInPlainLoops) {
    const auto made = checks::features({{2, 3, 4, 4}}, {{2, 6, 2, 2}});
    const auto term = checks::make("simkd", {}, made.context);
    const auto weights = term->named_parameters();
    torch::Tensor x = torch::empty({2, 3, 2, 2}, torch::kFloat64);
    for (int b = 0; b < 2; ++b)
        for (int c = 0; c < 3; ++c)
            for (int h = 0; h < 2; ++h)
                for (int w = 0; w < 2; ++w)
                    x.index_put_({b, c, h, w}, block_mean(made.in.student_features[0], b, c, h, w, 2));
    for (const char* layer : {"0", "3", "6"})
        x = slow_norm(slow_convolution(x, weights[std::string("projector.layers.") + layer + ".weight"]))
                .clamp_min(0);
    ASSERT_EQ(weights["projector.layers.3.weight"].sizes(), (std::vector<std::int64_t>{3, 3, 3, 3}));
    double expected = 0;
    for (int b = 0; b < 2; ++b)
        for (int c = 0; c < 6; ++c)
            for (int h = 0; h < 2; ++h)
                for (int w = 0; w < 2; ++w)
                    expected +=
                        std::pow(at(x, b, c, h, w) - at(made.in.teacher_features[0], b, c, h, w), 2) / 48;
    EXPECT_NEAR(term->value(made.in).item<double>(), expected, 1e-10);
}

TEST(Simkd, GradientIsTheDerivativeOfTheValue) {
    auto pictures = checks::features({{3, 3, 4, 4}}, {{3, 6, 2, 2}});
    checks::expect_derivatives(pictures.in, *checks::make("simkd", {}, pictures.context));
    auto vectors = checks::features({{5, 3}}, {{5, 4}});
    checks::expect_derivatives(vectors.in, *checks::make("simkd", {}, vectors.context));
}

TEST(Simkd, HasNothingToLearnWhereTheStudentComesProjected) {
    const auto made = checks::features({{2, 6, 2, 2}}, {{2, 6, 4, 4}});
    const auto term = checks::make("simkd", {}, made.context);
    EXPECT_TRUE(term->parameters().empty());
    const auto pooled = torch::avg_pool2d(made.in.teacher_features[0], 2);
    EXPECT_NEAR(term->value(made.in).item<double>(),
                (made.in.student_features[0] - pooled).square().mean().item<double>(), 1e-14);
}

TEST(Simkd, RefusesOtherChannelsWithoutAProjector) {
    const auto made = checks::features({{2, 3, 2, 2}}, {{2, 6, 2, 2}});
    EXPECT_TRUE(contains(refusal("simkd", {{"adapter", 0}}, made.context), "Set adapter to 1"));
    const auto mixed = checks::features({{2, 3, 2, 2}}, {{2, 6}});
    EXPECT_TRUE(contains(refusal("simkd", {}, mixed.context), "vectors with vectors"));
}

std::shared_ptr<Network> network(const std::string& model, const InputSpec& input, std::uint64_t seed,
                                 std::int64_t classes = 5) {
    auto built = build_network(parse_network_spec(model).value(), input, classes).value();
    initialise(*built, seed);
    return built;
}

const InputSpec pictures{{3, 16, 16}};

/// A trained teacher has statistics of its own.
std::shared_ptr<Network> seasoned(const std::string& model, const InputSpec& input) {
    auto teacher = network(model, input, 1);
    std::vector<std::int64_t> shape{8};
    shape.insert(shape.end(), input.shape.begin(), input.shape.end());
    teacher->train();
    const torch::NoGradGuard no_grad;
    for (std::uint64_t i = 0; i < 3; ++i)
        teacher->forward(normal(shape, i).to(torch::kFloat32) + 0.5);
    teacher->eval();
    return teacher;
}

TEST(SimkdStudent, AnswersThroughTheTeachersClassifierOfItsProjectedPicture) {
    const auto teacher = seasoned("resnet14", pictures);
    const auto joined = make_simkd_student(network("lenet", pictures, 2), *teacher, pictures, 3).value();
    joined->eval();
    const auto answers = joined->forward_taps(normal({4, 3, 16, 16}, 4).to(torch::kFloat32));
    ASSERT_EQ(joined->teacher_tap(), 3U);
    ASSERT_EQ(joined->student_tap(), 1U);
    ASSERT_EQ(answers.features.size(), 4U) << "three of lenet and the projected one";
    const torch::Tensor& projected = answers.features.back();
    EXPECT_EQ(projected.sizes(), (std::vector<std::int64_t>{4, 64, 4, 4}));
    const auto parameters = teacher->named_parameters();
    const auto expected = projected.mean({2, 3}).matmul(parameters["fc.weight"].t()) + parameters["fc.bias"];
    EXPECT_LT(golden::relative_error(answers.logits, expected), 1e-5);
    EXPECT_TRUE(joined->forward(normal({4, 3, 16, 16}, 4).to(torch::kFloat32)).equal(answers.logits));
}

TEST(SimkdStudent, AnswersAsTheTeacherWhereTheProjectionIsTheTeachersFeature) {
    const auto teacher = seasoned("resnet8", pictures);
    const auto joined = make_simkd_student(network("resnet8", pictures, 2), *teacher, pictures, 3).value();
    const auto x = normal({4, 3, 16, 16}, 4).to(torch::kFloat32);
    const auto taught = teacher->forward_taps(x);
    const auto buffers = joined->named_buffers();
    const auto answers = torch::linear(taught.features[joined->teacher_tap()].mean({2, 3}),
                                       buffers["classifier.weight"], buffers["classifier.bias"]);
    EXPECT_LT(golden::relative_error(answers, taught.logits), 1e-5);
}

TEST(SimkdStudent, ComparesVectorsWhereOneSideHasNoPictures) {
    const InputSpec plane{{2}};
    for (const auto& [student, teacher, input] : {std::tuple{"mlp:hidden=8", "mlp:hidden=16x12", plane},
                                                  {"mlp:hidden=8", "resnet8", pictures},
                                                  {"resnet8", "lenet", pictures}}) {
        const auto taught = seasoned(teacher, input);
        const auto made = make_simkd_student(network(student, input, 2), *taught, input, 3);
        ASSERT_TRUE(made) << made.error().message;
        std::vector<std::int64_t> shape{4};
        shape.insert(shape.end(), input.shape.begin(), input.shape.end());
        const auto x = normal(shape, 4).to(torch::kFloat32);
        const auto answers = (*made)->forward_taps(x);
        EXPECT_EQ(answers.features.back().sizes(),
                  taught->forward_taps(x).features.at((*made)->teacher_tap()).sizes());
        EXPECT_EQ(answers.logits.sizes(), (std::vector<std::int64_t>{4, 5}));
    }
}

TEST(SimkdStudent, TrainsStudentAndProjectorAndNothingElse) {
    const auto teacher = seasoned("resnet8", pictures);
    const auto joined = make_simkd_student(network("resnet8", pictures, 2), *teacher, pictures, 3).value();
    const auto answers = joined->forward_taps(normal({4, 3, 16, 16}, 4).to(torch::kFloat32));
    answers.features.back().square().mean().backward();
    for (const auto& item : joined->named_parameters()) {
        const bool own_classifier = item.key().starts_with("student.fc.");
        EXPECT_EQ(item.value().requires_grad(), !own_classifier) << item.key();
        EXPECT_EQ(item.value().grad().defined(), !own_classifier) << item.key();
        EXPECT_FALSE(item.key().starts_with("classifier.")) << item.key();
    }
    EXPECT_TRUE(joined->named_buffers().contains("classifier.weight"));
}

TEST(SimkdStudent, LeavesTheTeacherAndTheStudentsWeightsAsTheyWere) {
    const auto teacher = seasoned("resnet8", pictures);
    const auto student = network("resnet8", pictures, 2);
    std::vector<torch::Tensor> before;
    const auto all = [&] {
        std::vector<torch::Tensor> tensors;
        for (const auto& each : {teacher, student}) {
            for (const auto& tensor : each->parameters())
                tensors.push_back(tensor.detach().clone());
            for (const auto& tensor : each->buffers())
                tensors.push_back(tensor.clone());
        }
        return tensors;
    };
    before = all();
    const auto joined = make_simkd_student(student, *teacher, pictures, 3).value();
    EXPECT_FALSE(teacher->is_training());
    EXPECT_TRUE(student->is_training());
    const auto after = all();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i)
        EXPECT_TRUE(after[i].equal(before[i])) << i;
    teacher->parameters().back().data().zero_(); // the copy is its own
    EXPECT_GT(joined->named_buffers()["classifier.bias"].abs().max().item<double>(), 0);
}

TEST(SimkdStudent, DrawsItsProjectorFromTheSeed) {
    const auto teacher = seasoned("resnet8", pictures);
    const auto weight = [&](std::uint64_t seed) {
        const auto joined =
            make_simkd_student(network("resnet8", pictures, 2), *teacher, pictures, seed).value();
        return joined->named_parameters()["projector.layers.0.weight"].detach().clone();
    };
    EXPECT_TRUE(weight(3).equal(weight(3)));
    EXPECT_FALSE(weight(3).equal(weight(4)));
}

/// A teacher whose answers are no linear function of its last feature.
class Bent final : public Network {
  public:
    Bent() : fc_(register_module("fc", torch::nn::Linear(2, 5))) {}

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        if (taps) taps->features.push_back(x);
        return fc_->forward(x).tanh();
    }

  private:
    torch::nn::Linear fc_;
};

TEST(SimkdStudent, RefusesATeacherThatDoesNotEndInALinearLayer) {
    const InputSpec plane{{2}};
    const auto bent = std::make_shared<Bent>();
    const auto made = make_simkd_student(network("mlp", plane, 2), *bent, plane, 3);
    ASSERT_FALSE(made);
    EXPECT_TRUE(contains(made.error().message, "must end in a linear layer")) << made.error().message;
}

} // namespace
} // namespace limbeck
