// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels that take batch norm, an addition and ReLU in one, held against LibTorch's own operators.
#include "backend/engine/models/batch_norm.h"

#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/kernels/row_kernels.h"
#include "backend/engine/models/network.h"

namespace limbeck {
namespace {

using torch::Tensor;

double relative_error(const Tensor& a, const Tensor& b) {
    const Tensor x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
    return ((x - y).abs().max() / y.abs().max().clamp_min(1e-30)).item<double>();
}

struct Shape {
    std::int64_t batch, channels, side;
};

/// Channels that fill registers, that fill some, that fill none; one pixel; more than one chunk.
const std::vector<Shape> shapes{{3, 16, 5}, {2, 24, 7}, {5, 3, 4},   {4, 58, 6},
                                {1, 7, 9},  {9, 64, 1}, {6, 100, 16}};

Tensor pictures(const Shape& shape, std::uint64_t seed, torch::ScalarType type = torch::kFloat32) {
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return (torch::randn({shape.batch, shape.channels, shape.side, shape.side}, generator) * 1.7 + 3)
        .to(type)
        .contiguous(torch::MemoryFormat::ChannelsLast);
}

BatchNorm layer(std::int64_t channels, std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    BatchNorm norm(channels);
    norm->weight.normal_(1, 0.5, generator);
    norm->bias.normal_(0, 0.5, generator);
    norm->running_mean.normal_(3, 0.3, generator);
    norm->running_var.uniform_(1, 4, generator);
    return norm;
}

/// What LibTorch's own operators give, in float64.
struct Plain {
    Plain(const BatchNorm& norm, const Tensor& x, Then then, const Tensor& added, const Tensor& direction,
          bool training = true) {
        const auto to_double = [](const Tensor& t) { return t.detach().to(torch::kFloat64).clone(); };
        Tensor in = to_double(x).requires_grad_(), more;
        Tensor weight = to_double(norm->weight).requires_grad_(),
               bias = to_double(norm->bias).requires_grad_();
        mean = to_double(norm->running_mean);
        variance = to_double(norm->running_var);
        y = torch::batch_norm(in, weight, bias, mean, variance, training, 0.1, 1e-5, false);
        if (added.defined()) {
            more = to_double(added).requires_grad_();
            y = y + more;
        }
        if (then == Then::relu) y = y.relu();
        (y * to_double(direction)).sum().backward();
        gradients = {in.grad(), weight.grad(), bias.grad()};
        if (added.defined()) gradients.push_back(more.grad());
    }

    Tensor y, mean, variance;
    std::vector<Tensor> gradients;
};

class Fused : public testing::TestWithParam<std::tuple<bool, bool>> {
  protected:
    Then then() const { return std::get<0>(GetParam()) ? Then::relu : Then::nothing; }

    bool adds() const { return std::get<1>(GetParam()); }
};

TEST_P(Fused, GivesTheValuesGradientsAndStatisticsOfTheSeparateOperators) {
    for (const Shape& shape : shapes) {
        SCOPED_TRACE(std::to_string(shape.batch) + "x" + std::to_string(shape.channels) + "x" +
                     std::to_string(shape.side));
        BatchNorm norm = layer(shape.channels, 1);
        Tensor x = pictures(shape, 2).requires_grad_();
        Tensor added = adds() ? pictures(shape, 3).sub_(3).requires_grad_() : Tensor();
        const Tensor direction = pictures(shape, 4);
        const Plain plain(norm, x, then(), added, direction);

        const Tensor y = normalised(*norm, x, then(), added);
        (y * direction).sum().backward();
        EXPECT_LT(relative_error(y, plain.y), 2e-6);
        EXPECT_LT(relative_error(norm->running_mean, plain.mean), 1e-6);
        EXPECT_LT(relative_error(norm->running_var, plain.variance), 1e-6);
        EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 1);
        EXPECT_LT(relative_error(x.grad(), plain.gradients[0]), 1e-5);
        EXPECT_LT(relative_error(norm->weight.grad(), plain.gradients[1]), 1e-5);
        EXPECT_LT(relative_error(norm->bias.grad(), plain.gradients[2]), 1e-5);
        if (adds()) {
            EXPECT_LT(relative_error(added.grad(), plain.gradients[3]), 1e-6);
        }
    }
}

TEST_P(Fused, StaysWithinBfloat16sOwnRoundingInBfloat16) {
    for (const Shape& shape : shapes) {
        BatchNorm norm = layer(shape.channels, 5);
        Tensor x = pictures(shape, 6, torch::kBFloat16).requires_grad_();
        Tensor added = adds() ? pictures(shape, 7).sub_(3).to(torch::kBFloat16).requires_grad_() : Tensor();
        const Tensor direction = pictures(shape, 8, torch::kBFloat16);
        const Plain plain(norm, x, then(), added, direction);

        const Tensor y = normalised(*norm, x, then(), added);
        EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
        y.backward(direction);
        EXPECT_LT(relative_error(y, plain.y), 0.004); // 2^-8
        EXPECT_LT(relative_error(x.grad(), plain.gradients[0]), 0.01);
        EXPECT_LT(relative_error(norm->weight.grad(), plain.gradients[1]), 0.01);
    }
}

TEST_P(Fused, UsesTheRunningStatisticsInEvaluationMode) {
    for (const Shape& shape : shapes) {
        const torch::NoGradGuard no_grad;
        BatchNorm norm = layer(shape.channels, 9);
        norm->eval();
        const Tensor x = pictures(shape, 10), added = adds() ? pictures(shape, 11).sub_(3) : Tensor();
        const torch::AutoGradMode grad(true);
        const Plain plain(norm, x, then(), added, x, /*training=*/false);
        const torch::NoGradGuard again;
        EXPECT_LT(relative_error(normalised(*norm, x, then(), added), plain.y), 2e-6);
        EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 0);
    }
}

TEST_P(Fused, IsTheSameToTheBitWhateverTheNumberOfThreads) {
    const Shape shape{16, 32, 16};
    const auto run = [&](int threads) {
        at::set_num_threads(threads);
        BatchNorm norm = layer(shape.channels, 12);
        Tensor x = pictures(shape, 13).requires_grad_();
        const Tensor added = adds() ? pictures(shape, 14) : Tensor();
        const Tensor y = normalised(*norm, x, then(), added);
        y.backward(pictures(shape, 15));
        return std::vector<Tensor>{y, x.grad(), norm->weight.grad(), norm->bias.grad(), norm->running_var};
    };
    const int before = at::get_num_threads();
    const auto one = run(1), two = run(2);
    at::set_num_threads(before);
    for (std::size_t i = 0; i < one.size(); ++i)
        EXPECT_TRUE(torch::equal(one[i], two[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(BatchNorm, Fused, testing::Combine(testing::Bool(), testing::Bool()),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param) ? "Relu" : "Linear") +
                                    (std::get<1>(info.param) ? "Added" : "Alone");
                         });

class AddedFirst : public testing::TestWithParam<std::tuple<bool, torch::ScalarType>> {
  protected:
    Then then() const { return std::get<0>(GetParam()) ? Then::relu : Then::nothing; }

    torch::ScalarType type() const { return std::get<1>(GetParam()); }

    /// Everything that a sum and its normalisation leave: both, gradients of x, added, weight and bias,
    /// running mean and variance.
    std::vector<Tensor> left(const Shape& shape, bool in_one, bool uses_sum = true,
                             bool uses_y = true) const {
        BatchNorm norm = layer(shape.channels, 21);
        const Tensor x = pictures(shape, 22, type()).requires_grad_();
        const Tensor added = pictures(shape, 23, type()).requires_grad_();
        const Tensor apart = x + added;
        const auto [sum, y] =
            in_one ? added_up(*norm, x * 1, added, then()) : AddedUp{apart, normalised(*norm, apart, then())};
        std::vector<Tensor> roots, directions;
        if (uses_sum) {
            roots.push_back(sum);
            directions.push_back(pictures(shape, 24, type()));
        }
        if (uses_y) {
            roots.push_back(y);
            directions.push_back(pictures(shape, 25, type()));
        }
        torch::autograd::backward(roots, directions);
        const auto grad = [](const Tensor& t) { return t.grad().defined() ? t.grad() : torch::zeros(1); };
        return {sum,
                y,
                x.grad(),
                added.grad(),
                grad(norm->weight),
                grad(norm->bias),
                norm->running_mean,
                norm->running_var};
    }
};

TEST_P(AddedFirst, LeavesTheSameToTheBitAsTheAdditionAndTheNormalisationOneByOne) {
    for (const Shape& shape : shapes) {
        const auto one = left(shape, true), two = left(shape, false);
        for (std::size_t i = 0; i < one.size(); ++i) {
            const bool rounded_once_more = type() == torch::kBFloat16 && (i == 2 || i == 3); // gradients' sum
            if (rounded_once_more)
                EXPECT_LT(relative_error(one[i], two[i]), 0.008) << i;
            else
                EXPECT_TRUE(torch::equal(one[i], two[i])) << i << " of " << shape.channels << " channels";
        }
    }
}

TEST_P(AddedFirst, LetsGradientsThroughWhereOnlyOneOfBothIsUsed) {
    for (const bool sum : {true, false}) {
        const Shape shape{3, 24, 5};
        const auto one = left(shape, true, sum, !sum), two = left(shape, false, sum, !sum);
        for (std::size_t i = 0; i < one.size(); ++i)
            EXPECT_TRUE(torch::equal(one[i], two[i])) << i << " of " << (sum ? "the sum" : "the normalised");
    }
}

TEST_P(AddedFirst, UsesTheRunningStatisticsInEvaluationMode) {
    const torch::NoGradGuard no_grad;
    for (const Shape& shape : shapes) {
        BatchNorm norm = layer(shape.channels, 26);
        norm->eval();
        const Tensor x = pictures(shape, 27, type()), added = pictures(shape, 28, type()), sum = x + added;
        const Tensor y = normalised(*norm, sum, then());
        const AddedUp both = added_up(*norm, x, added, then());
        EXPECT_TRUE(torch::equal(both.sum, sum));
        EXPECT_TRUE(torch::equal(both.normalised, y));
    }
}

INSTANTIATE_TEST_SUITE_P(BatchNorm, AddedFirst,
                         testing::Combine(testing::Bool(),
                                          testing::Values(torch::kFloat32, torch::kBFloat16)),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param) ? "Relu" : "Linear") +
                                    (std::get<1>(info.param) == torch::kFloat32 ? "Float32" : "Bfloat16");
                         });

TEST(BatchNorm, AddsUpPicturesInAnotherOrderToo) {
    BatchNorm norm = layer(16, 1), twin = layer(16, 1);
    const Tensor x = pictures({4, 16, 8}, 2), added = pictures({4, 16, 8}, 3);
    const auto mixed = added_up(*norm, x.clone(), added.contiguous(), Then::relu);
    const auto same = added_up(*twin, x.clone(), added, Then::relu);
    EXPECT_TRUE(torch::equal(mixed.sum, same.sum));
    EXPECT_LT(relative_error(mixed.normalised, same.normalised), 2e-6);
    EXPECT_LT(relative_error(norm->running_var, twin->running_var), 1e-6);
}

TEST(BatchNorm, KeepsNaNAndInfinityInSight) {
    BatchNorm norm = layer(16, 1);
    Tensor x = pictures({2, 16, 4}, 2);
    x[0][3][1][1] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(normalised(*norm, x, Then::relu).isnan().any().item<bool>());
    EXPECT_TRUE(normalised(*norm, x.to(torch::kBFloat16), Then::relu).isnan().any().item<bool>());
}

TEST(BatchNorm, LeavesPicturesInAnotherOrderToLibTorch) {
    BatchNorm norm = layer(16, 1), twin = layer(16, 1);
    const Tensor x = pictures({4, 16, 8}, 2);
    EXPECT_LT(relative_error(normalised(*norm, x, Then::relu), normalised(*twin, x.contiguous(), Then::relu)),
              2e-6);
    EXPECT_LT(relative_error(norm->running_var, twin->running_var), 1e-6);
}

TEST(BatchNorm, DoesNotLoseSmallDifferencesOnALargeMean) {
    BatchNorm norm(16);
    const Tensor x = pictures({8, 16, 16}, 3) + 10000;
    const Plain plain(norm, x, Then::nothing, {}, x);
    EXPECT_LT(relative_error(norm->running_var, torch::ones(16)), 1e-7);
    normalised(*norm, x);
    EXPECT_LT(relative_error(norm->running_var, plain.variance), 1e-5);
}

/// Every network of the zoo that has batch norm, on pictures of its size.
TEST(FoldedTeacher, AnswersAsTheNetworkItIsMadeOf) {
    const InputSpec input{{3, 32, 32}};
    for (const char* name : {"resnet20", "wrn_16_2", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2",
                             "mobilenet_v3_small", "resnet18"}) {
        NetworkSpec spec;
        spec.model = name;
        auto network = build_network(spec, input, 10);
        if (!network) {
            ADD_FAILURE() << name << ": " << network.error().message;
            continue;
        }
        initialise(**network, 1);
        const torch::NoGradGuard no_grad;
        for (auto& parameter : (*network)->parameters())
            if (parameter.dim() == 4)
                parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
        const Tensor x = pictures({4, 3, 32}, 20);
        for (int i = 0; i < 3; ++i)
            (*network)->forward(x); // statistics that are no longer 0 and 1
        (*network)->eval();
        const Tensor plain = (*network)->forward(x.contiguous());
        const Answers tapped = (*network)->forward_taps(x);
        freeze_norms(**network);
        EXPECT_LT(relative_error((*network)->forward(x), plain), 2e-5) << name;
        const Answers folded = (*network)->forward_taps(x);
        ASSERT_EQ(folded.features.size(), tapped.features.size());
        for (std::size_t i = 0; i < tapped.features.size(); ++i)
            EXPECT_LT(relative_error(folded.features[i], tapped.features[i]), 2e-5)
                << name << " feature " << i;
    }
}

} // namespace
} // namespace limbeck
