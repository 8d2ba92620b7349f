// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of parameters, and that no network of the zoo stands there unchecked.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "backend/types/catalogue.h"
#include "tests/backend/engine/models/covered.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

TEST(ModelNames, AreThoseOfTheCatalogueInItsOrder) {
    std::vector<std::string> catalogue;
    for (const ModelEntry& entry : model_catalogue())
        catalogue.emplace_back(entry.name);
    EXPECT_EQ(model_names(), catalogue);
}

class PublishedCount : public testing::TestWithParam<covered::Count> {};

TEST_P(PublishedCount, OfParametersIsMet) {
    const auto& [model, classes, count] = GetParam();
    EXPECT_EQ(zoo::parameters(*zoo::network(model, {3, 32, 32}, classes)), count);
}

INSTANTIATE_TEST_SUITE_P(Table, PublishedCount, testing::ValuesIn(covered::counts),
                         [](const auto& info) { return std::string(info.param.model); });

/// timm says 5.22 million; the exact number from the shapes of the paper: patches, three halvings, 2, 2, 6
/// and 2 blocks, head.
TEST(ConvNextFemto, HasTheParametersOfItsPublishedShapes) {
    const std::int64_t depths[] = {2, 2, 6, 2}, widths[] = {48, 96, 192, 384};
    std::int64_t count = 3 * 16 * 48 + 48 + 2 * 48;
    for (int stage = 0; stage < 4; ++stage) {
        const std::int64_t w = widths[stage];
        if (stage > 0) count += 2 * widths[stage - 1] + widths[stage - 1] * 4 * w + w;
        count += depths[stage] * ((49 * w + w) + 2 * w + (4 * w * w + 4 * w) + (4 * w * w + w) + w);
    }
    count += 2 * 384 + 384 * 1000 + 1000;
    EXPECT_NEAR(static_cast<double>(count), 5.22e6, 0.005e6);
    EXPECT_EQ(zoo::parameters(*zoo::network("convnext_femto", {3, 32, 32}, 1000)), count);
}

/// DeiT-Ti has 5,717,416 parameters at 1000 classes for 224×224 in patches of 16×16; here are patches of 4×4
/// and other positions.
TEST(VitTiny, HasTheParametersOfDeitTinyButForPatchesAndPositions) {
    const auto count = zoo::parameters(*zoo::network("vit_tiny", {3, 32, 32}, 1000));
    EXPECT_EQ(count, 5717416 - 192 * 3 * (16 * 16 - 4 * 4) - 192 * (14 * 14 - 8 * 8));
}

TEST(Zoo, HasWordsAPaperAndACheckOfItsOwnForEveryNetwork) {
    std::set<std::string> checked(std::begin(covered::golden), std::end(covered::golden));
    checked.insert(std::begin(covered::second), std::end(covered::second));
    for (const auto& row : covered::counts)
        checked.insert(row.model);
    // What a person puts together has no published counterpart.
    const std::set<std::string_view> own{"mlp", "stack"};
    for (const ModelEntry& entry : model_catalogue()) {
        EXPECT_FALSE(entry.title.empty()) << entry.name;
        EXPECT_TRUE(entry.description.ends_with('.')) << entry.name;
        if (own.contains(entry.name)) continue;
        EXPECT_TRUE(entry.paper.find("arXiv:") != std::string_view::npos || entry.name == "lenet")
            << entry.name;
        EXPECT_FALSE(entry.paper.empty()) << entry.name;
        EXPECT_TRUE(checked.contains(std::string(entry.name))) << entry.name << " is held against nothing";
    }
}

TEST(Zoo, ChecksOnlyWhatIsThere) {
    const auto names = model_names();
    const auto known = [&](const char* name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const char* name : covered::golden)
        EXPECT_TRUE(known(name)) << name;
    for (const char* name : covered::second)
        EXPECT_TRUE(known(name)) << name;
}

} // namespace
} // namespace limbeck
