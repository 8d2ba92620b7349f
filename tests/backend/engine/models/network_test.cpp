// SPDX-License-Identifier: GPL-3.0-or-later
// What is built, what is refused, and how the first weights are drawn.
#include <cmath>

#include <gtest/gtest.h>

#include "backend/engine/models/weights.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using zoo::batch;
using zoo::network;
using zoo::refusal;

TEST(Refusal, SaysWhatTheNetworkNeedsAndWhatTheDataAre) {
    EXPECT_EQ(refusal({"resnet20", {}, {}}, {2}, 2),
              "resnet20 needs pictures [C, H, W] of at least 8x8; the data are [2].");
    EXPECT_EQ(refusal({"resnet20", {}, {}}, {3, 32, 7}, 2),
              "resnet20 needs pictures [C, H, W] of at least 8x8; the data are [3, 32, 7].");
    EXPECT_EQ(refusal({"lenet", {{"hidden", "3"}}, {}}, {1, 28, 28}, 2),
              "lenet has no option \"hidden\"; it takes none.");
    EXPECT_EQ(refusal({"mlp", {{"hiden", "3"}}, {}}, {2}, 2),
              "mlp has no option \"hiden\"; it takes hidden.");
    EXPECT_NE(refusal({"mlp", {}, {}}, {2}, 1).find("at least 2 classes"), std::string::npos);
    EXPECT_NE(refusal({"mlp", {}, {}}, {}, 2).find("no values"), std::string::npos);
    EXPECT_NE(refusal({"mlp", {}, {}}, {3, 0, 5}, 2).find("no values"), std::string::npos);
    EXPECT_NE(refusal({"resnet21", {}, {}}, {3, 32, 32}, 2).find("no network \"resnet21\""),
              std::string::npos);
}

TEST(Refusal, OfHiddenWidthsThatAreNoWidths) {
    for (const char* widths :
         {"", "0", "-3", "x", "64x", "x64", "64,64", "6 4", "65537", "99999999999999999999"})
        EXPECT_NE(refusal({"mlp", {{"hidden", widths}}, {}}, {2}, 2).find("hidden widths"), std::string::npos)
            << widths;
}

TEST(Refusal, OfANetworkTooLargeToBeMeantComesBeforeItsMemoryIsTaken) {
    EXPECT_NE(refusal({"mlp", {{"hidden", "65536x65536x65536"}}, {}}, {784}, 10).find("parameters"),
              std::string::npos);
}

TEST(Initialise, IsTheSameForASeedAndAnotherForAnother) {
    for (const char* model : {"mlp", "lenet", "resnet8"}) {
        const auto a = network(model, {1, 28, 28}, 10), b = network(model, {1, 28, 28}, 10);
        initialise(*a, 7);
        initialise(*b, 7);
        EXPECT_EQ(state_dict(*a).value(), state_dict(*b).value()) << model;
        initialise(*b, 8);
        EXPECT_NE(state_dict(*a).value(), state_dict(*b).value()) << model;
    }
}

TEST(Initialise, StartsANetworkThatHasLivedAnew) {
    const auto fresh = network("resnet8", {1, 12, 12}, 3), used = network("resnet8", {1, 12, 12}, 3);
    used->forward(batch(4, {1, 12, 12}));
    initialise(*fresh, 7);
    initialise(*used, 7);
    EXPECT_EQ(state_dict(*fresh).value(), state_dict(*used).value());
}

TEST(Initialise, NeitherReadsNorMovesTheGlobalGenerator) {
    torch::manual_seed(5);
    const auto a = network("resnet8", {3, 8, 8}, 4);
    initialise(*a, 1);
    const auto after = torch::rand({8});
    torch::manual_seed(5);
    EXPECT_TRUE(torch::equal(torch::rand({8}), after)) << "building or initialising moved it";
    const auto b = network("resnet8", {3, 8, 8}, 4);
    initialise(*b, 1);
    EXPECT_EQ(state_dict(*a).value(), state_dict(*b).value()) << "its state showed in the weights";
}

TEST(Initialise, HasTheSpreadOfThePublishedCode) {
    const auto net = network("resnet20", {3, 32, 32}, 100);
    initialise(*net, 1);
    const auto all = net->named_parameters();
    const auto deviation = [&](const char* name) { return all[name].std().item<double>(); };
    EXPECT_NEAR(deviation("layer3.1.conv1.weight"), std::sqrt(2.0 / (64 * 9)), 0.001);
    EXPECT_NEAR(deviation("layer1.0.conv2.weight"), std::sqrt(2.0 / (16 * 9)), 0.006);
    EXPECT_NEAR(all["fc.weight"].abs().max().item<double>(), 1 / std::sqrt(64.0), 1e-3);
    EXPECT_TRUE(torch::equal(all["bn1.weight"], torch::ones(16)));
    const auto lenet = network("lenet", {1, 28, 28}, 10);
    initialise(*lenet, 1);
    EXPECT_NEAR(lenet->named_parameters()["conv2.weight"].abs().max().item<double>(),
                1 / std::sqrt(16 * 25.0), 1e-4);
}

} // namespace
} // namespace limbeck
