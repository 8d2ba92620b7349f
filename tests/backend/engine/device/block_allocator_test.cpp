// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/device/block_allocator.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace limbeck {
namespace {

torch::Tensor megabytes(std::int64_t count) {
    return torch::empty({count << 18}, torch::kFloat32);
}

class Blocks : public testing::Test {
  protected:
    void SetUp() override {
        keep_cpu_blocks();
        release_kept_blocks();
        const auto before = block_counts().fresh;
        megabytes(1);
        if (block_counts().fresh == before) GTEST_SKIP() << "this build leaves memory to its sanitizer";
        release_kept_blocks();
    }
};

TEST_F(Blocks, AreHandedOutAgainWhenTheyAreFree) {
    const void* first = nullptr;
    {
        const auto tensor = megabytes(3);
        first = tensor.data_ptr();
    }
    EXPECT_GE(block_counts().kept_bytes, 3 << 20);
    const auto reused = block_counts().reused;
    const auto again = megabytes(3);
    EXPECT_EQ(again.data_ptr(), first);
    EXPECT_EQ(block_counts().reused, reused + 1);
    EXPECT_EQ(block_counts().kept_bytes, 0);
}

TEST_F(Blocks, AreNeverSharedAndAlwaysAligned) {
    std::vector<torch::Tensor> tensors;
    for (std::int64_t values = 1; values < 3'000'000; values = values * 7 / 3 + 1)
        tensors.push_back(torch::full({values}, static_cast<float>(values)));
    for (const auto& tensor : tensors) {
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data_ptr()) % 64, 0u);
        EXPECT_TRUE(tensor.eq(static_cast<float>(tensor.numel())).all().item<bool>());
    }
}

TEST_F(Blocks, AreGivenBackWhenAJobEnds) {
    {
        const ReleaseKeptBlocks last;
        megabytes(5);
        EXPECT_GT(block_counts().kept_bytes, 0);
    }
    EXPECT_EQ(block_counts().kept_bytes, 0);
}

TEST_F(Blocks, StayWithTheirThreadsWhenThreadsEnd) {
    torch::Tensor kept;
    std::thread([&] { kept = megabytes(2).fill_(3); }).join();
    EXPECT_EQ(kept.sum().item<float>(), 3.0f * static_cast<float>(kept.numel()));
}

TEST_F(Blocks, TooLargeAreRefusedInLibTorchsWords) {
    try {
        torch::empty({std::int64_t{1} << 50}, torch::kFloat32);
        FAIL() << "a petabyte was handed out";
    } catch (const c10::Error& error) {
        EXPECT_NE(std::string(error.what()).find("can't allocate memory"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace limbeck
