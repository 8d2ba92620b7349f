// SPDX-License-Identifier: GPL-3.0-or-later
// objective and forward as anybody can hold them against their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "backend/project/safetensors.h"
#include "tests/app/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

TensorData doubles(std::vector<std::int64_t> shape, const std::vector<double>& values) {
    TensorData tensor{DType::f64, std::move(shape), std::vector<std::byte>(values.size() * sizeof(double))};
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return tensor;
}

double first(const TensorData& tensor) {
    double value = 0;
    EXPECT_EQ(tensor.dtype, DType::f64) << "the answer has the precision of the question";
    std::memcpy(&value, tensor.bytes.data(), sizeof value);
    return value;
}

TEST(Objective, GivesTheValueThatTheFormulaGives) {
    TemporaryFolder folder;
    TensorMap in;
    in.tensors["student_logits"] = doubles({1, 2}, {1, 0});
    in.tensors["teacher_logits"] = doubles({1, 2}, {0, 2});
    ASSERT_TRUE(write_safetensors(folder / "a", in));
    const Outcome done =
        limbeck_cli({"objective", "kd", "--in", "a", "--out", "b", "--set", "temperature=2"}, folder.path());
    ASSERT_EQ(done.code, 0) << done.err;
    const auto out = read_safetensors(folder / "b").value();
    // p = softmax(0, 1), q = softmax(1/2, 0); T² Σ p log(p/q)
    const double p = 1 / (1 + std::exp(1.0)), q = 1 / (1 + std::exp(-0.5));
    EXPECT_NEAR(first(out.tensors.at("value")),
                4 * (p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q))), 1e-12);
    EXPECT_NEAR(first(out.tensors.at("grad.student_logits")), 2 * (q - p), 1e-12);
}

TEST(Objective, RefusesOptionsThatItDoesNotHave) {
    TemporaryFolder folder;
    TensorMap in;
    in.tensors["student_logits"] = in.tensors["teacher_logits"] = doubles({1, 2}, {1, 0});
    ASSERT_TRUE(write_safetensors(folder / "a", in));
    const Outcome refused =
        limbeck_cli({"objective", "kd", "--in", "a", "--out", "b", "--set", "temprature=2"}, folder.path());
    EXPECT_NE(refused.code, 0);
    EXPECT_THAT(refused.err, HasSubstr("temprature"));
    EXPECT_FALSE(std::filesystem::exists(folder / "b"));
}

TEST(Forward, AnswersAsTheWeightsSay) {
    TemporaryFolder folder;
    ASSERT_EQ(limbeck_cli({"new", "p", "--sample", "moons", "--set", "data.samples=100", "--set",
                           "teacher.training.epochs=1", "--set", "training.epochs=1", "--set",
                           "student.alone=false", "--set", "training.batch_size=32", "--set",
                           "teacher.training.batch_size=32"},
                          folder.path())
                  .code,
              0);
    ASSERT_EQ(limbeck_cli({"run", "p"}, folder.path()).code, 0);
    ASSERT_EQ(
        limbeck_cli({"export", "p", "--run", "2", "--format", "safetensors", "-o", "w"}, folder.path()).code,
        0);
    TensorMap in;
    in.tensors["input"] = doubles({3, 2}, {0, 0, 1, 1, 2, 2});
    ASSERT_TRUE(write_safetensors(folder / "a", in));
    const Outcome done = limbeck_cli(
        {"forward", "mlp:hidden=8x8", "--weights", "w", "--in", "a", "--out", "b"}, folder.path());
    ASSERT_EQ(done.code, 0) << done.err;
    const auto out = read_safetensors(folder / "b").value();
    EXPECT_EQ(out.tensors.at("logits").shape, (std::vector<std::int64_t>{3, 2}));
    EXPECT_TRUE(out.tensors.count("feature.0"));
}

/// Weights of an mlp:hidden=2 for three values and two classes.
TensorMap small_mlp() {
    TensorMap weights;
    weights.tensors["hidden.0.weight"] = doubles({2, 3}, {1, 2, 3, 4, 5, 6});
    weights.tensors["hidden.0.bias"] = doubles({2}, {0, 0});
    weights.tensors["fc.weight"] = doubles({2, 2}, {1, 2, 3, 4});
    weights.tensors["fc.bias"] = doubles({2}, {0, 0});
    return weights;
}

TEST(Weights, FitTheNetworkThatTheyAreOf) {
    TemporaryFolder folder;
    ASSERT_TRUE(write_safetensors(folder / "w", small_mlp()));
    const Outcome done = limbeck_cli({"weights", "mlp:hidden=2", "--weights", "w", "--json"}, folder.path());
    EXPECT_EQ(done.code, 0) << done.err;
    const auto report = done.last("weights");
    EXPECT_EQ(report.at("fitting").size(), 4u);
    for (const char* none : {"missing", "unexpected", "mismatched"})
        EXPECT_TRUE(report.at(none).empty()) << none;
}

TEST(Weights, ThatDoNotFitAreNamedAndTold) {
    TemporaryFolder folder;
    TensorMap weights = small_mlp();
    weights.tensors.erase("fc.bias");
    weights.tensors["extra"] = doubles({1}, {0});
    ASSERT_TRUE(write_safetensors(folder / "w", weights));
    const std::vector<std::string> command{"weights", "mlp:hidden=2", "--weights", "w", "--classes", "5"};
    const Outcome words = limbeck_cli(command, folder.path());
    EXPECT_EQ(words.code, 1);
    EXPECT_THAT(words.out, HasSubstr("partial=1"));
    EXPECT_THAT(words.out, HasSubstr("fc.weight is [2, 2] where the network has [5, 2]"));
    auto machine = command;
    machine.emplace_back("--json");
    const auto report = limbeck_cli(machine, folder.path()).last("weights");
    EXPECT_EQ(report.at("missing"), nlohmann::json::array({"fc.bias"}));
    EXPECT_EQ(report.at("unexpected"), nlohmann::json::array({"extra"}));
    EXPECT_EQ(report.at("mismatched").size(), 1u);
    EXPECT_EQ(report.at("exit_code"), 1);
}

TEST(Cost, OfTheLayersAddsUp) {
    const Outcome done = limbeck_cli({"cost", "lenet", "--input", "1x28x28", "--classes", "10", "--json"});
    ASSERT_EQ(done.code, 0) << done.err;
    std::int64_t parameters = 0, multiply_adds = 0, layers = 0;
    for (const auto& object : done.objects()) {
        if (object.at("event") != "layer") continue;
        parameters += object.at("parameters").get<std::int64_t>();
        multiply_adds += object.at("multiply_adds").get<std::int64_t>();
        ++layers;
    }
    EXPECT_EQ(layers, 4);
    EXPECT_EQ(done.last("cost").at("parameters"), parameters);
    EXPECT_EQ(done.last("cost").at("flops"), 2 * multiply_adds);
    const Outcome words = limbeck_cli({"cost", "lenet", "--input", "1x28x28", "--classes", "10"});
    EXPECT_THAT(words.out, HasSubstr("conv 5×5"));
}

TEST(Cost, SaysWhatItNeeds) {
    const auto refused = [](std::vector<std::string> more) {
        more.insert(more.begin(), {"cost", "lenet"});
        const Outcome outcome = limbeck_cli(more);
        EXPECT_EQ(outcome.code, 2) << outcome.out;
        return outcome.err;
    };
    EXPECT_THAT(refused({"--classes", "10"}), HasSubstr("--input is missing"));
    EXPECT_THAT(refused({"--input", "1x28x28"}), HasSubstr("--classes is missing"));
    for (const char* input : {"", "x", "1x", "0x2x2", "2x2", "1x2x3x4", "a"})
        EXPECT_THAT(refused({"--classes", "10", "--input", input}), HasSubstr("--input")) << input;
    EXPECT_THAT(refused({"--input", "1x28x28", "--classes", "1"}), HasSubstr("--classes"));
    EXPECT_THAT(refused({"--input", "1x8x8", "--classes", "9"}), HasSubstr("at least 12x12"));
}

} // namespace
} // namespace limbeck::test
