// SPDX-License-Identifier: GPL-3.0-or-later
// Networks with random weights as RepDistiller computes them.
#include <gtest/gtest.h>

#include "backend/engine/models/forward.h"
#include "backend/engine/models/weights.h"
#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/covered.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

class GoldenModel : public testing::TestWithParam<const char*> {};

TEST_P(GoldenModel, AnswersAndTapsAreThoseOfRepDistiller) {
    LIMBECK_NEED_GOLDEN();
    const auto stem = (golden::folder() / "models" / GetParam()).string();
    const TensorMap weights = golden::read(stem + ".weights.safetensors");
    const TensorMap expected = golden::read(stem + ".io.safetensors");
    const auto found = run_forward({GetParam(), {}, {}}, weights, expected);
    ASSERT_TRUE(found) << found.error().message;
    std::size_t taps = 0;
    for (const auto& [name, data] : expected.tensors) {
        if (name == "input") continue;
        ASSERT_TRUE(found->tensors.contains(name)) << name;
        EXPECT_LT(golden::relative_error(golden::tensor(*found, name), golden::tensor(expected, name)), 1e-4)
            << name;
        taps += name.starts_with("feature.");
    }
    EXPECT_GE(taps, 5u);
    EXPECT_FALSE(found->tensors.contains("feature." + std::to_string(taps))) << "there is a tap too many";
}

TEST_P(GoldenModel, StateDictHasThePublishedNamesAndComesBackUnchanged) {
    LIMBECK_NEED_GOLDEN();
    const TensorMap weights =
        golden::read(golden::folder() / "models" / (GetParam() + std::string(".weights.safetensors")));
    const auto net = zoo::network(GetParam(), {3, 32, 32}, 100);
    const auto loaded = load_state_dict(*net, weights);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(state_dict(*net).value().tensors, weights.tensors);
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenModel, testing::ValuesIn(covered::golden),
                         [](const auto& info) { return std::string(info.param); });

TEST(GoldenModels, AreAllCompared) {
    LIMBECK_NEED_GOLDEN();
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(golden::folder() / "models"))
        files += entry.path().filename().string().ends_with(".io.safetensors");
    EXPECT_EQ(files, std::size(covered::golden));
}

} // namespace
} // namespace limbeck
