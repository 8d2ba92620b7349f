// SPDX-License-Identifier: GPL-3.0-or-later
// Values and gradients of the published implementations, file by file.
#include <algorithm>

#include "tests/backend/engine/objectives/support.h"

namespace limbeck {
namespace {

using namespace objectives;

std::vector<std::string> cases() {
    std::vector<std::string> names;
    const auto folder = golden::folder() / "objectives";
    if (!golden::folder().empty() && std::filesystem::is_directory(folder))
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".safetensors") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    if (names.empty()) names.emplace_back("none");
    return names;
}

class Golden : public testing::TestWithParam<std::string> {
  protected:
    /// max|a − b| / max|b| of the value and every gradient, in that precision.
    void expect_published(torch::ScalarType precision, double tolerance) {
        if (GetParam() == "none") GTEST_SKIP() << "needs the golden files: set LIMBECK_SHARED";
        TensorMap inputs = golden::read(golden::folder() / "objectives" / (GetParam() + ".safetensors"));
        Options options;
        const auto published_options = nlohmann::json::parse(inputs.metadata.at("options"));
        for (const auto& [key, value] : published_options.items())
            options[key] = value.dump();
        const TensorMap published = inputs;
        for (auto& [name, data] : inputs.tensors)
            if (data.dtype == DType::f64) data = to_data(to_tensor(data).value().to(precision)).value();
        const std::string id = inputs.metadata.at("objective");
        const auto found = run_objective(id, inputs, options);
        ASSERT_TRUE(found) << found.error().message << found.error().detail;
        int compared = 0;
        for (const auto& [name, data] : published.tensors) {
            if (name != "value" && !name.starts_with("grad.")) continue;
            ASSERT_TRUE(found->tensors.contains(name)) << name;
            EXPECT_LT(golden::relative_error(golden::tensor(*found, name), golden::tensor(published, name)),
                      tolerance)
                << name;
            ++compared;
        }
        EXPECT_GE(compared, 2);
    }
};

TEST_P(Golden, IsEqualInDoublePrecision) {
    expect_published(torch::kFloat64, 1e-9);
}

TEST_P(Golden, IsEqualInSinglePrecision) {
    expect_published(torch::kFloat32, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(cases()), [](const auto& info) {
    std::string name = info.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
});

} // namespace
} // namespace limbeck
