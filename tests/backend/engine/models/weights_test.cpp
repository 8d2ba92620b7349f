// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/engine/models/weights.h"
#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using zoo::batch;
using zoo::network;

TEST(StateDict, GoesRoundThroughAnotherNetwork) {
    for (const char* model : {"mlp:hidden=5x4", "lenet", "resnet14"}) {
        const auto a = network(model, {1, 16, 16}, 3), b = network(model, {1, 16, 16}, 3);
        initialise(*a, 1);
        a->forward(batch(8, {1, 16, 16})); // moves batch norm's statistics
        ASSERT_TRUE(load_state_dict(*b, state_dict(*a).value())) << model;
        a->eval();
        b->eval();
        const auto x = batch(2, {1, 16, 16}, 9);
        EXPECT_TRUE(torch::equal(a->forward(x), b->forward(x))) << model;
    }
}

TEST(StateDict, HoldsRunningStatisticsAndTheirCounterAsBuffers) {
    const auto net = network("resnet8", {1, 8, 8}, 2);
    initialise(*net, 0);
    net->forward(batch(8, {1, 8, 8}));
    const TensorMap map = state_dict(*net).value();
    EXPECT_EQ(golden::tensor(map, "bn1.num_batches_tracked").item<std::int64_t>(), 1);
    EXPECT_FALSE(torch::equal(golden::tensor(map, "bn1.running_mean"), torch::zeros(16)));
}

TEST(LoadStateDict, NamesWhatIsMissingUnknownOrOfAnotherShapeAndChangesNothing) {
    const auto net = network("mlp:hidden=5", {2}, 3);
    const TensorMap before = state_dict(*net).value();
    TensorMap weights = before;
    weights.tensors.erase("fc.bias");
    weights.tensors["extra"] = to_data(torch::zeros({1})).value();
    weights.tensors["fc.weight"] = to_data(torch::zeros({4, 5})).value();
    weights.tensors["hidden.0.weight"] = to_data(torch::ones({5, 2})).value();
    const auto result = load_state_dict(*net, weights);
    ASSERT_FALSE(result);
    const std::string& message = result.error().message;
    for (const char* part :
         {"fc.bias is missing", "extra is unknown", "fc.weight is [4, 5] where the network has [3, 5]"})
        EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(state_dict(*net).value(), before);
}

TEST(LoadStateDict, TakesOtherFloatsAndOldFilesWithoutCounters) {
    const auto net = network("resnet8", {1, 8, 8}, 2);
    TensorMap weights = state_dict(*net).value();
    weights.tensors.erase("bn1.num_batches_tracked");
    weights.tensors["fc.bias"] = to_data(torch::tensor({0.5, -2.0}, torch::kFloat16)).value();
    const auto result = load_state_dict(*net, weights);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(torch::equal(net->named_parameters()["fc.bias"], torch::tensor({0.5F, -2.0F})));
    weights.tensors["fc.bias"] = to_data(torch::tensor({1, 2})).value();
    EXPECT_FALSE(load_state_dict(*net, weights)) << "integers are no weights";
}

} // namespace
} // namespace limbeck
