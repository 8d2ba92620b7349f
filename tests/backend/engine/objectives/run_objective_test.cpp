// SPDX-License-Identifier: GPL-3.0-or-later
// The door of `limbeck-cli objective`, and whether every objective is told and tested.
#include <fstream>
#include <regex>

#include "tests/backend/engine/objectives/support.h"

namespace limbeck {
namespace {

using namespace objectives;

TEST(RunObjective, SaysWhatIsWrongWithItsInputs) {
    const auto s = random({5, 4}, 1);
    EXPECT_NE(refusal("kdd", answers(s, s)).find("the nearest is kd"), std::string::npos);
    EXPECT_NE(refusal("kd", {}).find("needs \"student_logits\""), std::string::npos);
    EXPECT_NE(refusal("kd", answers(s, random({5, 3}, 1))).find("[5, 4]; it is [5, 3]"), std::string::npos);
    EXPECT_NE(refusal("kd", answers(s[0], s[0])).find("[B, C]; it is [4]"), std::string::npos);
    EXPECT_NE(refusal("kd", answers(torch::ones({2, 2}, torch::kInt64), s)).find("int64"), std::string::npos);
    EXPECT_NE(refusal("kd", answers(s, s, torch::arange(5))).find("0 to 3; found 0 to 4"), std::string::npos);
    EXPECT_NE(refusal("dkd", answers(s, s)).find("needs \"labels\""), std::string::npos);
    TensorMap torn = answers(s, s);
    torn.tensors["teacher_logits"].bytes.pop_back();
    EXPECT_NE(refusal("kd", torn).find("\"teacher_logits\""), std::string::npos);
    TensorMap strange = answers(s, s);
    strange.tensors["param.x"] = to_data(torch::ones({1})).value();
    EXPECT_NE(refusal("kd", strange).find("no parameter for \"param.x\""), std::string::npos);
}

TEST(RunObjective, SaysWhatIsWrongWithItsOptions) {
    const auto in = answers(random({2, 3}, 1), random({2, 3}, 2));
    EXPECT_NE(refusal("kd", in, {{"temprature", "4"}}).find("it takes standardize, t_squared, temperature"),
              std::string::npos);
    for (const char* temperature : {"0", "-1", "nan", "inf"})
        EXPECT_NE(refusal("kd", in, {{"temperature", temperature}}).find("0.05 to 100"), std::string::npos)
            << temperature;
    for (const char* temperature : {"", "4x", "4,5", " 4"})
        EXPECT_NE(refusal("kd", in, {{"temperature", temperature}}).find("is a number"), std::string::npos)
            << temperature;
    EXPECT_NE(refusal("kd", in, {{"t_squared", "2"}}).find("true or false"), std::string::npos);
    EXPECT_NE(refusal("mse-logits", in, {{"t_squared", "1"}}).find("no option"), std::string::npos);
}

TEST(Coverage, EveryObjectiveOfTheCatalogueCanBeComputedAndIsTold) {
    std::vector<std::string> catalogue;
    for (const ObjectiveEntry& entry : objective_catalogue()) {
        catalogue.emplace_back(entry.id);
        EXPECT_GT(entry.title.size(), 2u) << entry.id;
        EXPECT_GT(entry.description.size(), 30u) << entry.id;
        EXPECT_GT(entry.when.size(), 20u) << entry.id;
        EXPECT_GT(entry.definition.size(), 10u) << entry.id;
        EXPECT_FALSE(entry.formula.empty()) << entry.id;
        EXPECT_TRUE(std::regex_search(std::string(entry.paper), std::regex("(19|20)[0-9]{2}"))) << entry.id;
        EXPECT_EQ(entry.group == ObjectiveGroup::features, entry.taps != DefaultTaps::none) << entry.id;
        for (const OptionEntry& option : entry.options) {
            EXPECT_GE(option.value, option.minimum) << entry.id << " " << option.key;
            EXPECT_LE(option.value, option.maximum) << entry.id << " " << option.key;
            EXPECT_FALSE(option.description.empty()) << entry.id << " " << option.key;
        }
    }
    EXPECT_EQ(objective_ids(), catalogue);
}

/// "skew-kl" → "SkewKl".
std::string camel(std::string_view id) {
    std::string name;
    bool upper = true;
    for (const char c : id) {
        if (c == '-') {
            upper = true;
            continue;
        }
        name += static_cast<char>(upper ? std::toupper(static_cast<unsigned char>(c)) : c);
        upper = false;
    }
    return name;
}

TEST(Coverage, EveryObjectiveHasAGoldenFileOrASecondVersionInATestNamedAfterIt) {
    // Cases that the reference data hold; a fresh clone without them knows their names all the same.
    const std::vector<std::string> golden{
        "ab",   "at",  "cc",           "dist", "dkd", "fsp",     "ft",
        "hint", "jsd", "kd",           "nkd",  "nst", "pkt",     "reverse-kl",
        "rkd",  "sp",  "reviewkd-hcl", "tvd",  "vid", "skew-kl", "skew-reverse-kl"};
    std::string tests;
    for (const auto& entry : std::filesystem::directory_iterator(LIMBECK_OBJECTIVE_TESTS)) {
        std::ifstream file(entry.path());
        tests += std::string(std::istreambuf_iterator<char>(file), {});
    }
    for (const std::string& id : objective_ids()) {
        const bool has_golden = std::find(golden.begin(), golden.end(), id) != golden.end();
        const bool has_slow = tests.find("TEST_F(Slow, " + camel(id)) != std::string::npos ||
                              tests.find("TEST(" + camel(id) + ", ") != std::string::npos;
        EXPECT_TRUE(has_golden || has_slow)
            << id << " needs a golden file or a test Slow." << camel(id) << "…";
    }
}

} // namespace
} // namespace limbeck
