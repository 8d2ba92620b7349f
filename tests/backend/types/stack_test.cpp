// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/stack.h"

#include <gtest/gtest.h>

namespace limbeck {
namespace {

std::string problem(std::string_view text, const std::vector<std::int64_t>& input = {3, 32, 32}) {
    const auto layers = parse_stack(text);
    if (!layers) return layers.error().message;
    const auto shapes = flow_shapes(*layers, input, 10);
    return shapes ? "" : shapes.error().message;
}

TEST(Stack, ReadsBackWhatItPrints) {
    const std::string text = "conv3-32,bn,relu,pool2,conv5-64s2,gelu,avg2,drop0.25,flatten,fc128,relu,fc";
    EXPECT_EQ(to_string(parse_stack(text).value()), text);
    EXPECT_EQ(to_string(parse_stack(" conv1-8 , gap ,fc").value()), "conv1-8,gap,fc");
}

TEST(Stack, LetsShapesAndParametersFlow) {
    const auto shapes =
        flow_shapes(parse_stack("conv3-8,bn,relu,pool2,conv5-4s2,gap,fc16,fc").value(), {3, 9, 8}, 10)
            .value();
    using Shape = std::vector<std::int64_t>;
    EXPECT_EQ(shapes[0].shape, (Shape{8, 9, 8}));
    EXPECT_EQ(shapes[0].parameters, 8 * 3 * 9 + 8);
    EXPECT_EQ(shapes[1].parameters, 16);
    EXPECT_EQ(shapes[3].shape, (Shape{8, 4, 4}));
    EXPECT_EQ(shapes[4].shape, (Shape{4, 2, 2}));
    EXPECT_EQ(shapes[4].parameters, 4 * 8 * 25 + 4);
    EXPECT_EQ(shapes[5].shape, (Shape{4}));
    EXPECT_EQ(shapes[6].parameters, 16 * 5);
    EXPECT_EQ(shapes[7].shape, (Shape{10}));
}

TEST(Stack, TakesValuesToo) {
    EXPECT_EQ(problem("fc64,relu,fc", {2}), "");
    EXPECT_NE(problem("conv3-8,fc", {2}).find("layer 1, conv3-8: meets [2], which is no picture"),
              std::string::npos);
}

TEST(Stack, NamesTheLayerThatDoesNotFit) {
    EXPECT_NE(problem("pool32,pool2,fc").find("layer 2, pool2: meets [3, 1, 1], which is smaller than 2×2"),
              std::string::npos);
    EXPECT_NE(problem("gap,bn,pool2,fc").find("layer 3, pool2"), std::string::npos);
    EXPECT_NE(problem("conv3-8,relu").find("the last layer is the classifier"), std::string::npos);
    EXPECT_NE(problem("fc,relu,fc").find("layer 1, fc: the classifier is the last layer"), std::string::npos);
}

TEST(Stack, RefusesWhatItCannotRead) {
    for (const char* text : {"",
                             ",",
                             "conv3-8,,fc",
                             "conv3,fc",
                             "conv0-8,fc",
                             "conv3-0,fc",
                             "conv3-8s0,fc",
                             "pool0,fc",
                             "avg-1,fc",
                             "pool,fc",
                             "drop,fc",
                             "drop0,fc",
                             "drop1,fc",
                             "dropx,fc",
                             "fc0,fc",
                             "fcx,fc",
                             "conv3-99999999999999999999,fc",
                             "relu6,fc",
                             "Conv3-8,fc",
                             "pool65,fc"})
        EXPECT_FALSE(parse_stack(text).has_value()) << text;
}

TEST(Stack, RefusesWhatWouldNotFitIntoAnyMemory) {
    EXPECT_NE(problem("fc65536,fc65536,fc").find("billion"), std::string::npos);
    EXPECT_NE(problem("conv1-65536,fc", {1, 4096, 4096}).find("blow up"), std::string::npos);
    std::string long_text;
    for (int i = 0; i < 300; ++i)
        long_text += "relu,";
    EXPECT_NE(problem(long_text + "fc").find("at most 200 layers"), std::string::npos);
}

} // namespace
} // namespace limbeck
