// SPDX-License-Identifier: GPL-3.0-or-later
// `limbeck-cli objective` on the golden files, and the list of objectives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "backend/project/safetensors.h"
#include "tests/app/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

std::vector<double> numbers(const TensorData& tensor) {
    EXPECT_EQ(tensor.dtype, DType::f64);
    std::vector<double> values(tensor.bytes.size() / sizeof(double));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

/// max|a − b| / max|b|
double relative_error(const TensorData& a, const TensorData& b) {
    EXPECT_EQ(a.shape, b.shape);
    const auto found = numbers(a), right = numbers(b);
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < std::min(found.size(), right.size()); ++i) {
        difference = std::max(difference, std::abs(found[i] - right[i]));
        size = std::max(size, std::abs(right[i]));
    }
    return difference / size;
}

class GoldenFile : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenFile, IsAnsweredAsItsReferenceDid) {
    const char* shared = std::getenv("LIMBECK_SHARED");
    if (!shared || !*shared) GTEST_SKIP() << "needs the golden files: set LIMBECK_SHARED";
    const auto path = std::filesystem::absolute(std::filesystem::path(shared)) / "golden/objectives" /
                      (std::string(GetParam()) + ".safetensors");
    const auto file = read_safetensors(path);
    ASSERT_TRUE(file) << file.error().message;
    TemporaryFolder folder;
    std::vector<std::string> words{
        "objective", file->metadata.at("objective"), "--in", path.string(), "--out", "answer"};
    const auto options = nlohmann::json::parse(file->metadata.at("options"));
    for (const auto& [key, value] : options.items()) {
        words.emplace_back("--set");
        words.push_back(key + "=" + value.dump());
    }
    const Outcome done = limbeck_cli(words, folder.path());
    ASSERT_EQ(done.code, 0) << done.err;
    const auto answer = read_safetensors(folder / "answer").value();
    for (const auto& [name, tensor] : file->tensors)
        if (name == "value" || name.starts_with("grad.")) {
            ASSERT_TRUE(answer.tensors.contains(name)) << name;
            EXPECT_LT(relative_error(answer.tensors.at(name), tensor), 1e-9) << name;
        }
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenFile,
                         ::testing::Values("kd--a", "kd-standardized--a", "vid--a", "rkd--b", "ab--a",
                                           "hcl--a", "jsd-0.1--b", "skew-kl--a", "dkd--a", "nkd--b",
                                           "dist-tau--a"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::replace_if(
                                 name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
                             return name;
                         });

TEST(Objectives, AreListedWithGroupOptionsUseAndPaper) {
    const std::string text = limbeck_cli({"objectives"}).out;
    for (const char* words : {"From the answers alone", "dkd  –  Decoupled KD", "beta=8", "warmup_epochs=20",
                              "t_squared=true", "needs labels", "Use: ", "arXiv:2203.08679"})
        EXPECT_THAT(text, HasSubstr(words));
}

TEST(Objectives, AreThePageInTheDocumentation) {
    std::ifstream file(LIMBECK_OBJECTIVES_PAGE);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(limbeck_cli({"objectives", "--markdown"}).out, page)
        << "print it anew: limbeck-cli objectives --markdown > docs/objectives.md";
}

TEST(Objectives, CarryTheirOptionsAsJson) {
    for (const auto& object : limbeck_cli({"objectives", "--json"}).objects()) {
        for (const char* key : {"id", "title", "description", "when", "paper", "formula", "definition"})
            EXPECT_NE(object.at(key).get<std::string>(), "") << object.at("id") << ", " << key;
        if (object.at("id") != "jsd") continue;
        EXPECT_EQ(object.at("group"), "answers");
        EXPECT_EQ(object.at("temperature"), 1);
        std::map<std::string, nlohmann::json> options;
        for (const auto& option : object.at("options"))
            options[option.at("name")] = option;
        EXPECT_EQ(options.at("beta").at("default"), 0.5);
        EXPECT_EQ(options.at("beta").at("maximum"), 1);
        EXPECT_EQ(options.at("t_squared").at("default"), false);
        EXPECT_EQ(options.at("t_squared").at("type"), "switch");
        EXPECT_EQ(options.at("temperature").at("default"), 1);
    }
}

} // namespace
} // namespace limbeck::test
