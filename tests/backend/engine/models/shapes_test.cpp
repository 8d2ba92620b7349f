// SPDX-License-Identifier: GPL-3.0-or-later
// Every network on every kind of input that it says it takes.
#include <algorithm>

#include <gtest/gtest.h>

#include "backend/engine/models/weights.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using zoo::batch;
using zoo::Shape;

class EveryNetwork : public testing::TestWithParam<std::string> {
  protected:
    const ModelEntry& entry() const { return *find_model(GetParam().substr(0, GetParam().find(':'))); }

    std::int64_t side() const { return std::max(entry().minimum_side, 8); }

    std::shared_ptr<Network> fresh(Shape shape, std::int64_t classes, std::uint64_t seed = 3) const {
        auto net = zoo::network(GetParam(), std::move(shape), classes);
        initialise(*net, seed);
        return net;
    }
};

void expect_same(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_TRUE(torch::equal(a[i], b[i])) << i;
}

TEST_P(EveryNetwork, AnswersWhateverItSaysItTakes) {
    const auto s = side();
    for (const Shape& shape : {Shape{1, s, s}, Shape{3, s + 1, s + 5}, Shape{7, s + 4, s}}) {
        for (const std::int64_t classes : {2, 7}) {
            SCOPED_TRACE(testing::PrintToString(shape) + " " + std::to_string(classes));
            const auto net = fresh(shape, classes);
            net->eval();
            const torch::NoGradGuard no_grad;
            const torch::Tensor x = batch(2, shape), before = x.clone();
            const Answers answers = net->forward_taps(x);
            EXPECT_EQ(answers.logits.sizes(), (Shape{2, classes}));
            EXPECT_TRUE(answers.logits.isfinite().all().item<bool>());
            EXPECT_TRUE(torch::equal(net->forward(x), answers.logits)) << "with and without taps";
            EXPECT_TRUE(torch::equal(x, before)) << "the input was written to";
            for (const auto& tap : answers.features)
                EXPECT_EQ(tap.size(0), 2);
            EXPECT_EQ(answers.features.back().dim(), 2) << "the last tap is a vector a sample";
            ASSERT_LE(answers.preactivations.size(), answers.features.size());
            for (std::size_t i = 0; i < answers.preactivations.size(); ++i)
                EXPECT_EQ(answers.preactivations[i].sizes(), answers.features[i].sizes()) << i;
        }
    }
}

TEST_P(EveryNetwork, AnswersFromItsLastTapThroughItsLastTwoParameters) {
    const auto net = fresh({3, side(), side()}, 5);
    net->eval();
    const torch::NoGradGuard no_grad;
    const Answers answers = net->forward_taps(batch(3, {3, side(), side()}));
    const auto all = net->named_parameters();
    const auto& bias = all[all.size() - 1];
    const auto& weight = all[all.size() - 2];
    EXPECT_TRUE(bias.key().ends_with(".bias") && weight.key().ends_with(".weight")) << bias.key();
    EXPECT_LT(golden::relative_error(torch::linear(answers.features.back(), weight.value(), bias.value()),
                                     answers.logits),
              1e-5);
}

TEST_P(EveryNetwork, TakesAStepThatReachesEveryParameterAndStaysFinite) {
    const Shape shape{3, side(), side()};
    const auto net = fresh(shape, 4);
    const torch::Tensor x = batch(4, shape), y = torch::tensor({0, 1, 2, 3});
    torch::nn::functional::cross_entropy(net->forward(x), y).backward();
    {
        const torch::NoGradGuard no_grad;
        for (const auto& item : net->named_parameters()) {
            ASSERT_TRUE(item.value().grad().defined()) << item.key();
            EXPECT_TRUE(item.value().grad().isfinite().all().item<bool>()) << item.key();
            EXPECT_GT(item.value().grad().abs().max().item<float>(), 0) << item.key();
            item.value().sub_(item.value().grad(), 1e-3);
        }
    }
    EXPECT_TRUE(net->forward(x).isfinite().all().item<bool>());
}

TEST_P(EveryNetwork, LearnsTheSameWithAndWithoutTaps) {
    const Shape shape{1, side(), side()};
    std::vector<std::vector<torch::Tensor>> gradients, statistics;
    for (const bool taps : {true, false}) {
        const auto net = fresh(shape, 3);
        const torch::Tensor x = batch(4, shape);
        (taps ? net->forward_taps(x).logits : net->forward(x)).square().sum().backward();
        auto& all = gradients.emplace_back();
        for (const auto& parameter : net->parameters())
            all.push_back(parameter.grad());
        statistics.push_back(net->buffers());
    }
    expect_same(gradients[0], gradients[1]);
    expect_same(statistics[0], statistics[1]);
}

TEST_P(EveryNetwork, LetsGradientsThroughAllItsTaps) {
    const Shape shape{3, side(), side()};
    const auto net = fresh(shape, 4);
    const Answers answers = net->forward_taps(batch(4, shape));
    torch::Tensor sum = answers.logits.sum();
    for (const auto* taps : {&answers.features, &answers.preactivations})
        for (const auto& tap : *taps)
            sum = sum + tap.square().sum();
    sum.backward(); // throws where a tapped value was written to afterwards
    EXPECT_TRUE(net->parameters().front().grad().isfinite().all().item<bool>());
}

TEST_P(EveryNetwork, IsDrawnFromItsSeedAlone) {
    const Shape shape{3, side(), side()};
    torch::manual_seed(5);
    const auto a = fresh(shape, 4, 7);
    const torch::Tensor after = torch::rand({8});
    torch::manual_seed(5);
    EXPECT_TRUE(torch::equal(torch::rand({8}), after)) << "the global generator was moved";
    const auto b = fresh(shape, 4, 7), c = fresh(shape, 4, 8);
    EXPECT_EQ(state_dict(*a).value(), state_dict(*b).value());
    EXPECT_NE(state_dict(*a).value(), state_dict(*c).value());
    a->forward(batch(4, shape)); // moves what batch norm counts
    initialise(*a, 7);
    EXPECT_EQ(state_dict(*a).value(), state_dict(*b).value()) << "a network that has lived starts anew";
}

TEST_P(EveryNetwork, RefusesWhatItSaysItDoesNotTake) {
    const NetworkSpec spec = parse_network_spec(GetParam()).value();
    if (entry().needs_image) {
        EXPECT_NE(zoo::refusal(spec, {2}, 2).find("needs pictures"), std::string::npos);
        EXPECT_NE(zoo::refusal(spec, {3, side(), side() - 1}, 2).find("needs pictures"), std::string::npos)
            << entry().minimum_side;
    }
    EXPECT_NE(zoo::refusal(spec, {3, side(), side()}, 1).find("at least 2 classes"), std::string::npos);
}

std::vector<std::string> every_spec() {
    auto all = model_names();
    std::erase(all, "stack"); // has no layers by itself
    all.insert(all.end(), {"mlp:hidden=7x5x3", "vit_tiny:depth=4,pool=mean",
                           "stack:conv3-8,bn,relu,pool2,conv3-6s2,gelu,avg2,fc9,relu,fc",
                           "stack:conv1-4,relu,gap,bn,drop0.5,fc"});
    return all;
}

INSTANTIATE_TEST_SUITE_P(Zoo, EveryNetwork, testing::ValuesIn(every_spec()), [](const auto& info) {
    std::string name = info.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    return name;
});

TEST(Preactivations, BecomeTheFeaturesWhereAStageEndsWithReLU) {
    for (const char* model :
         {"mlp:hidden=5x4", "lenet", "resnet14", "resnet8x4", "vgg11", "ShuffleV1", "ResNet50", "resnet34"}) {
        const std::int64_t side = std::string_view(model) == "resnet34" ? 32 : 12;
        const Shape input{3, side, side};
        const auto net = zoo::network(model, input, 4);
        initialise(*net, 2);
        const Answers answers = net->forward_taps(batch(2, input));
        ASSERT_GE(answers.preactivations.size() + 1, answers.features.size()) << model;
        for (std::size_t i = 0; i < answers.preactivations.size(); ++i) {
            EXPECT_TRUE(torch::equal(answers.preactivations[i].relu(), answers.features[i]))
                << model << " " << i;
            EXPECT_LT(answers.preactivations[i].min().item<float>(), 0) << model << " " << i;
        }
    }
}

/// Where the stages of the published networks end.
TEST(Taps, HaveThePublishedShapes) {
    const auto shapes = [](const char* model, Shape input) {
        const auto net = zoo::network(model, input, 10);
        net->eval();
        const torch::NoGradGuard no_grad;
        std::vector<Shape> all;
        for (const auto& tap : net->forward_taps(batch(1, input)).features)
            all.push_back(tap.sizes().slice(1).vec());
        return all;
    };
    using Shapes = std::vector<Shape>;
    EXPECT_EQ(shapes("resnet8", {3, 32, 32}),
              (Shapes{{16, 32, 32}, {16, 32, 32}, {32, 16, 16}, {64, 8, 8}, {64}}));
    EXPECT_EQ(shapes("wrn_40_2", {3, 32, 32}),
              (Shapes{{16, 32, 32}, {32, 32, 32}, {64, 16, 16}, {128, 8, 8}, {128}}));
    EXPECT_EQ(shapes("vgg13", {3, 32, 32}),
              (Shapes{{64, 32, 32}, {128, 16, 16}, {256, 8, 8}, {512, 4, 4}, {512, 4, 4}, {512}}));
    EXPECT_EQ(shapes("vgg8", {3, 64, 64}),
              (Shapes{{64, 64, 64}, {128, 32, 32}, {256, 16, 16}, {512, 8, 8}, {512, 4, 4}, {512}}));
    EXPECT_EQ(shapes("ShuffleV2", {3, 32, 32}),
              (Shapes{{24, 32, 32}, {116, 16, 16}, {232, 8, 8}, {464, 4, 4}, {1024}}));
    EXPECT_EQ(shapes("ResNet50", {3, 32, 32}),
              (Shapes{{64, 32, 32}, {256, 32, 32}, {512, 16, 16}, {1024, 8, 8}, {2048, 4, 4}, {2048}}));
    EXPECT_EQ(shapes("resnet18", {3, 64, 64}),
              (Shapes{{64, 32, 32}, {64, 16, 16}, {128, 8, 8}, {256, 4, 4}, {512, 2, 2}, {512}}));
    EXPECT_EQ(shapes("mobilenet_v3_small", {3, 64, 64}),
              (Shapes{{16, 32, 32}, {16, 16, 16}, {24, 8, 8}, {48, 4, 4}, {96, 2, 2}, {1024}}));
    EXPECT_EQ(shapes("convnext_femto", {3, 64, 64}),
              (Shapes{{48, 16, 16}, {48, 16, 16}, {96, 8, 8}, {192, 4, 4}, {384, 2, 2}, {384}}));
    EXPECT_EQ(shapes("vit_tiny", {3, 16, 10}),
              (Shapes{{192, 4, 3}, {192, 4, 3}, {192, 4, 3}, {192, 4, 3}, {192, 4, 3}, {192}}))
        << "filled up to whole patches";
}

} // namespace
} // namespace limbeck
