// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <gtest/gtest.h>

#include "backend/engine/device/device.h"
#include "backend/engine/training/batches.h"
#include "backend/engine/training/guarded_buffers.h"
#include "backend/engine/training/memory.h"
#include "backend/engine/training/recorder.h"
#include "backend/engine/training/sampler.h"
#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

TEST(Augmentation, EqualsAPlainLoopOverThePixels) {
    torch::manual_seed(1);
    for (const std::int64_t padding : {0, 1, 3}) {
        const auto pictures = torch::randint(1, 256, {16, 3, 6, 5}).to(torch::kUInt8);
        const auto views = step_views(2, 9, 16, padding, true);
        const auto result = crop_and_flip(pictures, upload(views, torch::kCPU), padding);
        ASSERT_EQ(result.sizes(), pictures.sizes());
        const auto in = pictures.accessor<std::uint8_t, 4>(), out = result.accessor<std::uint8_t, 4>();
        for (int b = 0; b < 16; ++b) {
            const auto view = view_of(views[static_cast<std::size_t>(b)], padding);
            for (int c = 0; c < 3; ++c) {
                for (int y = 0; y < 6; ++y) {
                    for (int x = 0; x < 5; ++x) {
                        const auto from_y = y + view.dy - padding;
                        const auto from_x = (view.flip ? 4 - x : x) + view.dx - padding;
                        const bool inside = from_y >= 0 && from_y < 6 && from_x >= 0 && from_x < 5;
                        ASSERT_EQ(out[b][c][y][x], inside ? in[b][c][from_y][from_x] : 0);
                    }
                }
            }
        }
    }
}

TEST(Batches, AreTheSamplesOfTheOrderNormalised) {
    const auto data = toys::bars(3, 8);
    auto uneven = std::make_shared<Dataset>(*data);
    uneven->mean = {0.1f, 0.2f, 0.3f};
    uneven->stddev = {0.5f, 0.25f, 2.0f};
    BatchSource source(std::make_shared<const ResidentData>(uneven, torch::kCPU), 10, 0, false, 4);
    const auto order = epoch_order(4, 1, uneven->train);
    const auto batch = source.at(source.steps_per_epoch() + 2); // the third of the second epoch
    ASSERT_EQ(batch.inputs.sizes(), torch::IntArrayRef({10, 3, 8, 8}));
    const auto x = batch.inputs.accessor<float, 4>();
    for (std::size_t b = 0; b < 10; ++b) {
        const auto id = static_cast<std::size_t>(order[20 + b]);
        EXPECT_EQ(batch.sample_ids[static_cast<long>(b)].item<std::int64_t>(), order[20 + b]);
        EXPECT_EQ(batch.labels[static_cast<long>(b)].item<std::int64_t>(), uneven->labels[id]);
        for (std::size_t c = 0; c < 3; ++c) {
            const float raw = uneven->bytes[id * 192 + c * 64 + 3 * 8 + 5] / 255.0f;
            EXPECT_NEAR(x[static_cast<long>(b)][static_cast<long>(c)][3][5],
                        (raw - uneven->mean[c]) / uneven->stddev[c], 1e-5);
        }
    }
}

TEST(GuardedBuffers, TakeBackWhatABadForwardPassWrote) {
    torch::nn::BatchNorm1d norm(torch::nn::BatchNorm1dOptions(4));
    GuardedBuffers buffers(*norm);
    const auto good = torch::zeros({}), bad = torch::ones({});
    norm->forward(torch::randn({8, 4}));
    buffers.settle(good);
    const auto mean = norm->running_mean.clone();
    EXPECT_FALSE(mean.equal(torch::zeros({4})));
    norm->forward(torch::full({8, 4}, std::numeric_limits<float>::infinity()));
    EXPECT_FALSE(norm->running_mean.isfinite().all().item<bool>());
    buffers.settle(bad);
    EXPECT_TRUE(norm->running_mean.equal(mean));
    EXPECT_TRUE(norm->running_var.isfinite().all().item<bool>());
    EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 1);
}

TEST(Recorder, HandsOutEveryRowOnceInOrderHoweverOftenItIsAsked) {
    const LossSettings loss;
    Recorder recorder(torch::kCPU, loss, false);
    const auto write = [&](std::int64_t number, float bad) {
        Recorder::Step step;
        step.number = number;
        step.samples = 4;
        step.learning_rate = 0.5;
        step.values.hard_weight = loss.hard_weight;
        step.values.total = step.values.hard = torch::full({}, static_cast<float>(number));
        step.counts = torch::tensor({2.0f, 0.0f, 0.0f, 0.0f});
        step.bad = torch::full({}, bad);
        recorder.write(step);
    };
    StepRows all;
    const auto take = [&] {
        const auto rows = recorder.take(false);
        all.steps.insert(all.steps.end(), rows.steps.begin(), rows.steps.end());
        all.values.insert(all.values.end(), rows.values.begin(), rows.values.end());
        return rows.first_bad_step;
    };
    for (std::int64_t i = 1; i <= 40; ++i)
        write(i, i >= 37 ? 1.0f : 0.0f);
    EXPECT_EQ(take(), 37);
    write(41, 1);
    EXPECT_EQ(recorder.first_bad_step(), 37);
    take();
    ASSERT_EQ(all.steps.size(), 41u);
    for (std::size_t i = 0; i < 41; ++i) {
        EXPECT_EQ(all.steps[i], static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(all.values[i * 5], static_cast<double>(i + 1)); // loss, hard, hard_weighted, accuracy, rate
        EXPECT_EQ(all.values[i * 5 + 3], 0.5);
    }
    recorder.clear();
    EXPECT_FALSE(recorder.first_bad_step());
}

TEST(Memory, IsRefusedInWordsWithABatchThatFits) {
    const MemoryNeed need{.fixed = 1'000'000'000, .per_sample = 10'000'000};
    EXPECT_TRUE(require_memory(need, 100, 2'000'000'000, "cpu", "training.batch_size"));
    const auto refused = require_memory(need, 500, 3'000'000'000, "cpu", "training.batch_size");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::memory);
    EXPECT_EQ(refused.error().field, "training.batch_size");
    EXPECT_NE(refused.error().message.find("6.0 GB"), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("A batch of 128 would fit"), std::string::npos)
        << refused.error().message;
    const auto hopeless = require_memory(need, 500, 900'000'000, "cpu", "training.batch_size");
    ASSERT_FALSE(hopeless);
    EXPECT_NE(hopeless.error().message.find("smaller network"), std::string::npos)
        << hopeless.error().message;
}

TEST(Memory, OfTheActivationsGrowsWithThePictureAndTheDepth) {
    const auto bytes = [](const char* model, std::int64_t side, bool training) {
        return *activation_bytes({model, {}, {}}, {{3, side, side}}, 10, training);
    };
    // Each of resnet20's 7 layers on 16 channels alone keeps 16 · 32 · 32 floats for the way back.
    EXPECT_GT(bytes("resnet20", 32, true), 7 * 16 * 32 * 32 * 4);
    EXPECT_GT(bytes("resnet20", 32, true), 3 * bytes("resnet20", 16, true));
    EXPECT_GT(bytes("resnet56", 32, true), 2 * bytes("resnet20", 32, true));
    EXPECT_LT(bytes("resnet20", 32, false), bytes("resnet20", 32, true));
    EXPECT_GT(free_memory(torch::kCPU), 0);
}

} // namespace
} // namespace limbeck
