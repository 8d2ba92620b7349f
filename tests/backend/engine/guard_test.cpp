// SPDX-License-Identifier: GPL-3.0-or-later
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/tensors.h"

namespace limbeck {
namespace {

template <class Thrower>
Error error_of(Thrower thrower) {
    return guarded("testing", [&]() -> Result<int> { return thrower(), 1; }).error();
}

TEST(Guard, LetsAValuePass) {
    EXPECT_EQ(guarded("testing", []() -> Result<int> { return 4; }).value(), 4);
}

TEST(Guard, MakesAShortMessageAndKeepsTheLongOneForTheLog) {
    const Error error = error_of([] { torch::ones({2, 3}).matmul(torch::ones({2, 3})); });
    EXPECT_EQ(error.kind, ErrorKind::internal);
    EXPECT_NE(error.message.find("while testing: "), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_GE(error.detail.size(), 20U);
}

TEST(Guard, KnowsEveryWayOfRunningOutOfMemory) {
    EXPECT_EQ(error_of([] { throw std::bad_alloc(); }).kind, ErrorKind::memory);
    EXPECT_EQ(error_of([] { TORCH_CHECK_WITH(OutOfMemoryError, false, "no memory on the device"); }).kind,
              ErrorKind::memory);
    const Error cpu =
        error_of([] { torch::empty({std::int64_t{1} << 50}); }); // a plain c10::Error on the CPU
    EXPECT_EQ(cpu.kind, ErrorKind::memory) << cpu.message;
    EXPECT_NE(cpu.message.find("smaller batch"), std::string::npos);
}

TEST(Guard, KnowsALostDevice) {
    EXPECT_EQ(error_of([] { TORCH_CHECK(false, "CUDA error: unspecified launch failure"); }).kind,
              ErrorKind::device);
}

TEST(Guard, TakesWhateverIsThrown) {
    EXPECT_EQ(error_of([] { throw std::runtime_error("odd"); }).message, "Failed while testing: odd");
    EXPECT_EQ(error_of([] { throw 3; }).kind, ErrorKind::internal);
}

TEST(Tensors, GoRoundInEveryType) {
    for (const auto type :
         {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16, torch::kInt64, torch::kInt32,
          torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool}) {
        const auto tensor = torch::arange(6).reshape({2, 3}).to(type).t(); // not contiguous
        const auto data = to_data(tensor);
        ASSERT_TRUE(data);
        EXPECT_TRUE(torch::equal(to_tensor(*data).value(), tensor)) << to_string(type);
    }
    EXPECT_FALSE(to_data(torch::zeros({1}, torch::kComplexFloat)));
}

TEST(Tensors, MayBeScalarsOrEmpty) {
    EXPECT_EQ(to_tensor(to_data(torch::tensor(3)).value()).value().item<int>(), 3);
    EXPECT_EQ(to_tensor(to_data(torch::zeros({0, 4})).value()).value().sizes(),
              (std::vector<std::int64_t>{0, 4}));
}

TEST(Tensors, OfShapesThatLieAreRefused) {
    const std::vector<std::byte> bytes(8);
    for (const std::vector<std::int64_t>& shape :
         {std::vector<std::int64_t>{3}, {-2}, {1LL << 62, 1LL << 62}, {-1, -2}}) {
        EXPECT_FALSE(to_tensor({DType::f32, shape, bytes})) << shape_text(shape);
    }
}

} // namespace
} // namespace limbeck
