// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/rows_in_shares.h"

#include <algorithm>
#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/device/precision.h"
#include "backend/engine/device/threads.h"
#include "backend/engine/models/batch_norm.h"

namespace limbeck {
namespace {

using torch::Tensor;

/// As many threads as the test wants, whatever the machine has.
struct Threads {
    explicit Threads(int count) : before(omp_get_max_threads()) { omp_set_num_threads(count); }

    ~Threads() { omp_set_num_threads(before); }

    int before;
};

/// Gives its rows back, and keeps what it was asked.
class Listener final : public Network {
  public:
    std::vector<std::int64_t> asked;
    bool gradients = false;
    int threads = 0;
    bool fails = false;

  protected:
    Tensor run(const Tensor& x, Answers*) override {
        const std::lock_guard lock(mutex_);
        asked.push_back(x.size(0));
        gradients = gradients || torch::GradMode::is_enabled();
        threads = std::max(threads, static_cast<int>(omp_get_max_threads()));
        TORCH_CHECK(!fails, "the network fails");
        return torch::linear(x, torch::eye(x.size(1)));
    }

  private:
    std::mutex mutex_;
};

Tensor numbered_rows(std::int64_t count) {
    return torch::arange(count * 3, torch::kFloat32).view({count, 3});
}

TEST(RowsInShares, AreAnsweredInTheirOrderByPiecesOfOneSizeOfSixteenAndMore) {
    const Threads three(3);
    const torch::NoGradGuard no_grad;
    for (const std::int64_t count : {48, 49, 64, 95, 96, 97, 128, 500}) {
        Listener network;
        const Tensor x = numbered_rows(count);
        EXPECT_TRUE(torch::equal(forward_in_shares(network, x), x)) << count;
        const auto size = network.asked.front(), pieces = static_cast<std::int64_t>(network.asked.size());
        EXPECT_EQ(std::count(network.asked.begin(), network.asked.end(), size), pieces) << count;
        EXPECT_GE(size, fewest_rows) << count;
        EXPECT_LE(size, 2 * fewest_rows) << count;
        EXPECT_LT(pieces * size, count + size) << count << ": no piece is needless";
        EXPECT_FALSE(network.gradients) << "no gradients in any thread";
        EXPECT_EQ(network.threads, 1) << "operators within a share stay on its thread";
    }
}

TEST(RowsInShares, AreOneWholeWhereThereAreTooFewForTheThreads) {
    const Threads three(3);
    const torch::NoGradGuard no_grad;
    Listener network;
    const Tensor x = numbered_rows(47);
    EXPECT_TRUE(torch::equal(forward_in_shares(network, x), x));
    EXPECT_EQ(network.asked, std::vector<std::int64_t>{47});
    const SingleThread alone(true);
    forward_in_shares(network, numbered_rows(300));
    EXPECT_EQ(network.asked.back(), 300) << "one thread at hand";
}

TEST(RowsInShares, KeepTheThreadsAndThePrecisionOfTheirCaller) {
    const Threads three(3);
    const torch::NoGradGuard no_grad;
    Listener network;
    const AutocastScope autocast(torch::kCPU, Precision::bfloat16);
    EXPECT_EQ(forward_in_shares(network, numbered_rows(64)).scalar_type(), torch::kBFloat16);
    EXPECT_EQ(omp_get_max_threads(), 3);
}

TEST(RowsInShares, TellTheirCallerWhatFailed) {
    const Threads three(3);
    const torch::NoGradGuard no_grad;
    Listener network;
    network.fails = true;
    try {
        forward_in_shares(network, numbered_rows(64));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const c10::Error& error) { // the network's own words, not those of what comes after it
        EXPECT_EQ(std::string(error.what_without_backtrace()), "the network fails");
    }
    network.fails = false;
    EXPECT_TRUE(torch::equal(forward_in_shares(network, numbered_rows(64)), numbered_rows(64)));
}

/// Folded for the first time by several threads at once.
TEST(RowsInShares, AreAnsweredAsTheWholeBatchIsByFrozenNetworks) {
    const Threads three(3);
    for (const char* name : {"resnet20", "wrn_16_2", "vgg8", "MobileNetV2", "ShuffleV2", "lenet"}) {
        NetworkSpec spec;
        spec.model = name;
        const auto network = build_network(spec, InputSpec{{3, 32, 32}}, 10);
        ASSERT_TRUE(network) << name;
        initialise(**network, 1);
        const torch::NoGradGuard no_grad;
        const auto generator = at::make_generator<at::CPUGeneratorImpl>(20);
        const Tensor x =
            torch::randn({67, 3, 32, 32}, generator).contiguous(torch::MemoryFormat::ChannelsLast);
        (*network)->forward(x); // statistics that are no longer 0 and 1
        (*network)->eval();
        const Tensor whole = (*network)->forward(x);
        freeze_norms(**network);
        const Tensor shared = forward_in_shares(**network, x);
        EXPECT_LT(((shared - whole).abs().max() / whole.abs().max()).item<double>(), 2e-5) << name;
        EXPECT_TRUE(torch::equal(forward_in_shares(**network, x), shared)) << name << ": the same bits again";
    }
}

} // namespace
} // namespace limbeck
