// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/engine/models/cost.h"

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

} // namespace
} // namespace limbeck
