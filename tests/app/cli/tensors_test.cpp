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

} // namespace
} // namespace limbeck::test
