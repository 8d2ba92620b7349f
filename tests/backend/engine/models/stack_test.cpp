// SPDX-License-Identifier: GPL-3.0-or-later
// Networks put together from layers, and their dropout.
#include <gtest/gtest.h>

#include "backend/engine/models/weights.h"
#include "backend/types/stack.h"
#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using zoo::batch;
using zoo::network;
using zoo::Shape;

constexpr const char* dropping = "stack:conv3-6,relu,drop0.25,pool2,fc16,relu,drop0.5,fc";

TEST(Stack, ComputesItsLayersInTheirOrder) {
    const auto net =
        zoo::lived_in("stack:conv3-5s2,bn,gelu,avg2,conv1-4,relu,flatten,fc7,relu,fc", {2, 13, 9}, 3);
    net->to(torch::kFloat64);
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = batch(2, {2, 13, 9}).to(torch::kFloat64);
    auto w = net->named_parameters();
    const auto b = net->named_buffers();
    torch::Tensor y = torch::conv2d(x, w["layers.0.weight"], w["layers.0.bias"], 2, 1);
    y = torch::batch_norm(y, w["layers.1.weight"], w["layers.1.bias"], b["layers.1.running_mean"],
                          b["layers.1.running_var"], false, 0, 1e-5, false);
    y = torch::avg_pool2d(torch::gelu(y), 2);
    y = torch::conv2d(y, w["layers.4.weight"], w["layers.4.bias"]).relu().flatten(1);
    y = torch::linear(torch::linear(y, w["layers.7.weight"], w["layers.7.bias"]).relu(), w["fc.weight"],
                      w["fc.bias"]);
    EXPECT_LT(golden::relative_error(net->forward(x), y), 1e-12);
}

TEST(Stack, HasTheParametersThatItsShapesFlowTo) {
    for (const char* layers : {"conv3-8,bn,relu,pool2,conv5-16s2,gelu,gap,fc",
                               "conv3-4,avg2,flatten,bn,fc20,bn,drop0.1,fc", "fc"}) {
        std::int64_t count = 0;
        const auto flow = flow_shapes(parse_stack(layers).value(), {3, 16, 20}, 6).value();
        for (const StackShape& each : flow)
            count += each.parameters;
        EXPECT_EQ(zoo::parameters(*network(std::string("stack:") + layers, {3, 16, 20}, 6)), count) << layers;
    }
}

TEST(Stack, TapsWhereTheResolutionChangesAndWhatTheClassifierReads) {
    const auto shapes = [](const std::string& layers, Shape input) {
        const auto net = network("stack:" + layers, input, 3);
        net->eval();
        std::vector<Shape> all;
        for (const auto& tap : net->forward_taps(batch(1, input)).features)
            all.push_back(tap.sizes().slice(1).vec());
        return all;
    };
    using Shapes = std::vector<Shape>;
    EXPECT_EQ(shapes("conv3-8,bn,relu,pool2,conv3-16,relu,drop0.5,pool2,flatten,fc20,relu,fc", {1, 8, 8}),
              (Shapes{{8, 8, 8}, {16, 4, 4}, {16, 2, 2}, {20}}));
    EXPECT_EQ(shapes("conv3-8,relu,conv3-8s2,relu,gap,fc", {1, 8, 8}), (Shapes{{8, 8, 8}, {8, 4, 4}, {8}}));
    EXPECT_EQ(shapes("fc5,relu,fc4,relu,drop0.5,fc", {2}), (Shapes{{5}, {4}}));
    EXPECT_EQ(shapes("fc", {2, 3, 4}), (Shapes{{24}}));
}

TEST(Stack, RefusesWhatDoesNotFitInTheWordsOfItsShapes) {
    const auto message = [](const char* spec, Shape input) {
        return zoo::refusal(parse_network_spec(spec).value(), std::move(input), 2);
    };
    EXPECT_NE(message("stack", {2}).find("made of layers"), std::string::npos);
    EXPECT_EQ(message("stack:conv3-4,fc", {2}),
              flow_shapes(parse_stack("conv3-4,fc").value(), {2}, 2).error().message);
    EXPECT_EQ(message("stack:conv3-4,pool9,fc", {1, 8, 8}),
              flow_shapes(parse_stack("conv3-4,pool9,fc").value(), {1, 8, 8}, 2).error().message);
    EXPECT_EQ(message("stack:conv3-4,relu", {1, 8, 8}), parse_stack("conv3-4,relu").error().message);
    EXPECT_NE(message("stack:fc60000,fc60000,fc", {784}).find("billion"), std::string::npos);
}

TEST(Dropout, LeavesEvaluationAlone) {
    const auto net = network(dropping, {1, 8, 8}, 3);
    initialise(*net, 1);
    net->eval();
    const torch::NoGradGuard no_grad;
    const auto x = batch(2, {1, 8, 8});
    const TensorMap before = state_dict(*net).value();
    EXPECT_TRUE(torch::equal(net->forward(x), net->forward(x)));
    EXPECT_EQ(state_dict(*net).value(), before) << "evaluating moved the draws";
}

TEST(Dropout, ScalesWhatItKeepsAndDropsItsShare) {
    // With weights that pass the input on, the last tap is the dropped input itself.
    const auto net = network("stack:flatten,drop0.3,fc", {1, 100, 100}, 2);
    initialise(*net, 1);
    const torch::NoGradGuard no_grad;
    const auto y = net->forward_taps(torch::ones({4, 1, 100, 100})).features.back();
    const auto kept = y.ne(0);
    EXPECT_NEAR(kept.to(torch::kFloat64).mean().item<double>(), 0.7, 0.01);
    EXPECT_TRUE(torch::allclose(y.masked_select(kept), torch::full({1}, 1 / 0.7)));
    const auto rows = kept.to(torch::kFloat64).unbind(0);
    for (const auto& row : rows)
        EXPECT_NEAR(row.mean().item<double>(), 0.7, 0.02);
    EXPECT_FALSE(torch::equal(kept[0], kept[1])) << "each sample has a draw of its own";
    // Neighbours are independent: both are kept with probability 0.49.
    const auto flat = kept.flatten().to(torch::kFloat64);
    EXPECT_NEAR((flat.slice(0, 1) * flat.slice(0, 0, -1)).mean().item<double>(), 0.49, 0.01);
}

TEST(Dropout, DrawsAnewInEveryStepAndLayer) {
    const auto net = network("stack:drop0.5,drop0.5,fc", {1000}, 2);
    initialise(*net, 1);
    const torch::NoGradGuard no_grad;
    const auto draw = [&] { return net->forward_taps(torch::ones({1, 1000})).features.back(); };
    const auto a = draw(), b = draw();
    EXPECT_FALSE(torch::equal(a, b));
    EXPECT_NEAR(a.ne(0).to(torch::kFloat64).mean().item<double>(), 0.25, 0.06)
        << "two layers that draw alike keep half";
}

TEST(Dropout, GoesOnFromItsStateAsIfItHadNeverStopped) {
    const auto whole = network(dropping, {1, 8, 8}, 3), resumed = network(dropping, {1, 8, 8}, 3);
    initialise(*whole, 1);
    const auto x = batch(4, {1, 8, 8});
    whole->forward(x);
    whole->forward(x);
    ASSERT_TRUE(load_state_dict(*resumed, state_dict(*whole).value()));
    EXPECT_TRUE(torch::equal(whole->forward(x), resumed->forward(x)));
}

TEST(Dropout, DependsOnTheSeedAndNeitherReadsNorMovesTheGlobalGenerator) {
    const auto x = torch::ones({2, 500});
    const auto draw = [&](std::uint64_t seed) {
        const auto net = network("stack:drop0.5,fc", {500}, 2);
        initialise(*net, seed);
        return net->forward_taps(x).features.back();
    };
    torch::manual_seed(1);
    const auto a = draw(7), after = torch::rand({4});
    torch::manual_seed(1);
    EXPECT_TRUE(torch::equal(torch::rand({4}), after));
    torch::manual_seed(2);
    EXPECT_TRUE(torch::equal(draw(7), a));
    EXPECT_FALSE(torch::equal(draw(8), a));
}

TEST(Dropout, NeedsNoCountersInTheFile) {
    const auto net = network(dropping, {1, 8, 8}, 3);
    TensorMap weights = state_dict(*net).value();
    EXPECT_EQ(weights.tensors.erase(dropout_seed_name) + weights.tensors.erase(dropout_steps_name), 2u);
    EXPECT_TRUE(load_state_dict(*net, weights));
}

} // namespace
} // namespace limbeck
