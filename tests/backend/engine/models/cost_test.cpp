// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "backend/engine/models/cost.h"
#include "backend/engine/models/layer_costs.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

TEST(Cost, IsWhatOneCountsByHand) {
    const auto mlp = network_cost({"mlp", {{"hidden", "32"}}, {}}, {{1, 28, 28}}, 10, false).value();
    EXPECT_EQ(mlp.parameters, 784 * 32 + 32 + 32 * 10 + 10);
    EXPECT_EQ(mlp.bytes, mlp.parameters * 4);
    EXPECT_EQ(mlp.flops, 2 * (784 * 32 + 32 * 10));
    EXPECT_EQ(mlp.latency_ms, 0);

    const auto lenet = network_cost({"lenet", {}, {}}, {{1, 28, 28}}, 10, false).value();
    EXPECT_EQ(lenet.flops, 2 * (28 * 28 * 16 * 25 + 14 * 14 * 32 * 16 * 25 + 32 * 7 * 7 * 128 + 128 * 10));

    const std::int64_t stage1 = 32 * 32 * 9 * (3 * 16 + 2 * 16 * 16);
    const std::int64_t stage2 = 16 * 16 * (9 * (16 * 32 + 32 * 32) + 16 * 32);
    const std::int64_t stage3 = 8 * 8 * (9 * (32 * 64 + 64 * 64) + 32 * 64);
    const auto resnet = network_cost({"resnet8", {}, {}}, {{3, 32, 32}}, 100, true).value();
    EXPECT_EQ(resnet.parameters, 83892);
    EXPECT_EQ(resnet.flops, 2 * (stage1 + stage2 + stage3 + 64 * 100));
    EXPECT_EQ(resnet.bytes, 4 * 83892 + 2 * 4 * (16 * 3 + 32 * 3 + 64 * 3) + 8 * 9)
        << "with batch norm's buffers";
    EXPECT_GT(resnet.latency_ms, 0);
}

TEST(Cost, RefusesWhatCannotBeBuilt) {
    EXPECT_FALSE(network_cost({"lenet", {}, {}}, {{2}}, 2, false));
}

std::int64_t multiply_adds(const std::string& spec, zoo::Shape input, std::int64_t classes) {
    const auto cost = network_cost(parse_network_spec(spec).value(), {std::move(input)}, classes, false);
    return cost ? cost->flops / 2 : -1;
}

/// The multiply-adds of the published tables, in closed form.
TEST(MultiplyAdds, OfAResNetAreThoseOfItsStages) {
    // Stage s has 2n convolutions of 3×3 with 16·2^s channels on a picture of 32/2^s; the same for every
    // stage.
    const std::int64_t n = 3, one = 32 * 32 * 9 * 16 * 16;
    const std::int64_t halving = one / 2 + one / 18; // the first of a stage reads half, its projection is 1×1
    EXPECT_EQ(multiply_adds("resnet20", {3, 32, 32}, 100),
              32 * 32 * 27 * 16 + 2 * n * one + 2 * ((2 * n - 1) * one + halving) + 64 * 100);
}

TEST(MultiplyAdds, OfAWideResNetGrowWithTheSquareOfItsWidth) {
    const std::int64_t k = 2, one = 32 * 32 * 9 * (16 * k) * (16 * k);
    const std::int64_t first = 32 * 32 * 9 * 16 * (16 * k) + 32 * 32 * 16 * (16 * k);
    EXPECT_EQ(multiply_adds("wrn_16_2", {3, 32, 32}, 10),
              32 * 32 * 27 * 16 + first + 3 * one + 2 * (one / 2 + one / 18 + 3 * one) + 64 * k * 10);
}

TEST(MultiplyAdds, OfAVggHalveTheirPictureThrice) {
    EXPECT_EQ(multiply_adds("vgg8", {3, 32, 32}, 100),
              9 * (1024 * 3 * 64 + 256 * 64 * 128 + 64 * 128 * 256 + 16 * 256 * 512 + 16 * 512 * 512) +
                  512 * 100);
}

TEST(MultiplyAdds, OfDepthwiseAndGroupedConvolutionsReadTheirOwnChannelsOnly) {
    struct Row {
        std::int64_t expansion, out, blocks, stride;
    };

    std::int64_t count = 16 * 16 * 27 * 16, in = 16, pixels = 16 * 16;
    for (const Row& row : {Row{1, 8, 1, 1}, Row{6, 12, 2, 1}, Row{6, 16, 3, 2}, Row{6, 32, 4, 2},
                           Row{6, 48, 3, 1}, Row{6, 80, 3, 2}, Row{6, 160, 1, 1}}) {
        for (std::int64_t block = 0; block < row.blocks; ++block) {
            const std::int64_t wide = in * row.expansion,
                               after = block == 0 ? pixels / row.stride / row.stride : pixels;
            count += pixels * in * wide + after * 9 * wide + after * wide * row.out;
            pixels = after;
            in = row.out;
        }
    }
    EXPECT_EQ(multiply_adds("MobileNetV2", {3, 32, 32}, 100), count + pixels * 160 * 1280 + 1280 * 100);

    std::int64_t shuffled = 1024 * 3 * 24, from = 24, area = 1024;
    const std::int64_t widths[] = {240, 480, 960}, blocks[] = {4, 8, 4};
    for (int stage = 0; stage < 3; ++stage) {
        for (std::int64_t block = 0; block < blocks[stage]; ++block) {
            const std::int64_t own = block == 0 ? widths[stage] - from : widths[stage], middle = own / 4;
            const std::int64_t after = block == 0 ? area / 4 : area;
            shuffled +=
                area * middle * from / (from == 24 ? 1 : 3) + after * 9 * middle + after * own * middle / 3;
            area = after;
            from = widths[stage];
        }
    }
    EXPECT_EQ(multiply_adds("ShuffleV1", {3, 32, 32}, 100), shuffled + 960 * 100);
}

TEST(MultiplyAdds, OfATransformerHoldTheProductsOfAttention) {
    const std::int64_t d = 192, depth = 12, patches = 8 * 8, tokens = patches + 1;
    const std::int64_t block =
        tokens * d * 3 * d + tokens * d * d + 2 * tokens * d * 4 * d + 2 * tokens * tokens * d;
    EXPECT_EQ(multiply_adds("vit_tiny", {3, 32, 32}, 10), patches * 48 * d + depth * block + d * 10);
}

TEST(MultiplyAdds, OfAConvNextAreDepthwiseAndPointwise) {
    const std::int64_t depths[] = {2, 2, 6, 2}, widths[] = {48, 96, 192, 384};
    std::int64_t count = 16 * 16 * 48 * 48, pixels = 16 * 16; // 64×64 in patches of 4×4 with 3 channels
    for (int stage = 0; stage < 4; ++stage) {
        if (stage > 0) count += (pixels /= 4) * widths[stage - 1] * 4 * widths[stage];
        count += depths[stage] * pixels * (49 * widths[stage] + 8 * widths[stage] * widths[stage]);
    }
    EXPECT_EQ(multiply_adds("convnext_femto", {3, 64, 64}, 10), count + 384 * 10);
}

/// torchvision gives 1.814, 3.664 and 4.089 billion for 224×224 at 1000 classes, and 56.5 million.
TEST(MultiplyAdds, OfTorchvisionsNetworksAreThoseOfItsDocumentation) {
    EXPECT_NEAR(static_cast<double>(multiply_adds("resnet18", {3, 224, 224}, 1000)), 1.814e9, 0.001e9);
    EXPECT_NEAR(static_cast<double>(multiply_adds("resnet34", {3, 224, 224}, 1000)), 3.664e9, 0.001e9);
    EXPECT_NEAR(static_cast<double>(multiply_adds("resnet50", {3, 224, 224}, 1000)), 4.089e9, 0.001e9);
    EXPECT_NEAR(static_cast<double>(multiply_adds("mobilenet_v3_small", {3, 224, 224}, 1000)), 56.5e6, 1.5e6);
}

class LayerCosts : public testing::TestWithParam<std::string> {};

/// From the shapes of the weights and of the outputs: every value of an output meets one row of the weight.
TEST_P(LayerCosts, AreThoseOfTheirShapesAndAddUpToTheNetworks) {
    const NetworkSpec spec = parse_network_spec(GetParam()).value();
    const InputSpec input{{3, 40, 32}};
    const auto layers = layer_costs(spec, input, 7).value();
    const auto total = network_cost(spec, input, 7, false).value();
    const auto net = zoo::network(GetParam(), input.shape, 7);
    const auto all = net->named_parameters();
    std::int64_t parameters = 0, bytes = 0, count = 0;
    std::set<std::string> names;
    for (const LayerCost& layer : layers) {
        EXPECT_TRUE(names.insert(layer.name).second) << layer.name << " stands twice";
        EXPECT_FALSE(layer.kind.empty()) << layer.name;
        parameters += layer.parameters;
        bytes += layer.bytes;
        count += layer.multiply_adds;
        if (layer.kind == "state") continue;
        std::int64_t values = 1;
        for (const std::int64_t n : layer.output)
            values *= n;
        EXPECT_EQ(layer.activation_bytes, 4 * values) << layer.name;
        EXPECT_FALSE(layer.output.empty()) << layer.name << " took no part";
        if (layer.kind == "linear" || layer.kind.find("conv") != std::string::npos) {
            const auto weight = all[layer.name + ".weight"];
            EXPECT_EQ(layer.multiply_adds, values * (weight.numel() / weight.size(0))) << layer.name;
        } else if (layer.kind != "attention") {
            EXPECT_EQ(layer.multiply_adds, 0) << layer.name;
        }
    }
    EXPECT_EQ(parameters, total.parameters);
    EXPECT_EQ(bytes, total.bytes);
    EXPECT_EQ(2 * count, total.flops);
}

INSTANTIATE_TEST_SUITE_P(Zoo, LayerCosts,
                         testing::Values("mlp:hidden=9x8", "lenet", "resnet8", "wrn_16_1", "vgg8",
                                         "MobileNetV2", "ShuffleV1", "ShuffleV2", "ResNet50", "resnet18",
                                         "mobilenet_v3_small", "convnext_femto", "vit_tiny",
                                         "stack:conv3-8,bn,relu,pool2,drop0.5,fc9,bn,fc"));

TEST(LayerCost, ComesInTheOrderOfTheComputationWithTheNamesOfTheStateDict) {
    const auto layers = layer_costs({"resnet8", {}, {}}, {{3, 32, 32}}, 10).value();
    std::vector<std::string> names;
    for (const auto& layer : layers)
        names.push_back(layer.name);
    const std::vector<std::string> first{"conv1", "bn1", "layer1.0.conv1", "layer1.0.bn1", "layer1.0.conv2"};
    ASSERT_GT(names.size(), first.size());
    EXPECT_EQ(std::vector<std::string>(names.begin(), names.begin() + 5), first);
    EXPECT_EQ(names.back(), "fc");
    EXPECT_EQ(layers[0].kind, "conv 3×3");
    EXPECT_EQ(layers[0].output, (zoo::Shape{16, 32, 32}));
    EXPECT_EQ(layers[1].bytes, 4 * 4 * 16 + 8) << "scale, shift, mean, variance and the counter";
}

TEST(LayerCost, OfAttentionStandsUnderItsModule) {
    const auto layers = layer_costs({"vit_tiny", {}, {}}, {{3, 32, 32}}, 10).value();
    const auto found =
        std::find_if(layers.begin(), layers.end(), [](const auto& l) { return l.kind == "attention"; });
    ASSERT_NE(found, layers.end());
    EXPECT_EQ(found->name, "blocks.0.attn");
    EXPECT_EQ(found->multiply_adds, 2 * 65 * 65 * 192);
    EXPECT_EQ(found->output, (zoo::Shape{3, 65, 64}));
    EXPECT_EQ(
        std::count_if(layers.begin(), layers.end(), [](const auto& l) { return l.kind == "attention"; }), 12);
}

TEST(LayerCost, RefusesWhatCannotBeBuilt) {
    EXPECT_FALSE(layer_costs({"lenet", {}, {}}, {{2}}, 2));
}

} // namespace
} // namespace limbeck
