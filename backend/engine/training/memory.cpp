// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/memory.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/torch.h>

namespace limbeck {
namespace {

/// Listens to LibTorch's own reports of what it allocates and frees on this thread.
class PeakMeter final : public c10::MemoryReportingInfoBase {
  public:
    void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override {
        now_ += bytes;
        peak_ = std::max(peak_, now_);
    }

    bool memoryProfilingEnabled() const override { return true; }

    std::int64_t peak() const { return peak_; }

  private:
    std::int64_t now_ = 0, peak_ = 0;
};

std::string gigabytes(std::int64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
    return text;
}

std::int64_t parameter_bytes(const NetworkSpec& spec, const InputSpec& input, std::int64_t classes) {
    const auto network = build_network(spec, input, classes);
    if (!network) return 0;
    std::int64_t count = 0;
    for (const auto& parameter : (*network)->parameters())
        count += parameter.numel();
    return count * static_cast<std::int64_t>(sizeof(float));
}

} // namespace

Result<std::int64_t> activation_bytes(const NetworkSpec& spec, const InputSpec& input, std::int64_t classes,
                                      bool training) {
    constexpr std::int64_t samples = 2; // batch norm needs more than one
    auto network = build_network(spec, input, classes);
    if (!network) return tl::unexpected(network.error());
    (*network)->train(training);
    std::vector<std::int64_t> shape{samples};
    shape.insert(shape.end(), input.shape.begin(), input.shape.end());
    const auto meter = std::make_shared<PeakMeter>();
    std::int64_t gradients = 0;
    {
        const c10::DebugInfoGuard listening(c10::DebugInfoKind::PROFILER_STATE, meter);
        const torch::AutoGradMode grad(training);
        const auto logits = (*network)->forward(torch::zeros(shape));
        if (training) logits.sum().backward();
        for (auto& parameter : (*network)->parameters()) {
            if (parameter.grad().defined())
                gradients += parameter.numel() * static_cast<std::int64_t>(sizeof(float));
            parameter.mutable_grad().reset();
        }
    }
    // Gradients come to be while activations go, so taking them off is a lower bound; the larger of it and
    // half of the peak is not far from the truth for small and large networks alike.
    return std::max(meter->peak() - gradients, meter->peak() / 2) / samples;
}

Result<MemoryNeed> estimate_memory(const TrainingTask& task, const Dataset& data, torch::Device device) {
    constexpr std::int64_t evaluation_batch = 512;
    const auto classes = data.classes();
    const auto own = activation_bytes(task.network, data.input, classes, true);
    if (!own) return tl::unexpected(own.error());
    const auto quiet = activation_bytes(task.network, data.input, classes, false);
    if (!quiet) return tl::unexpected(quiet.error());
    std::int64_t teacher = 0, peers = 0, weights = 0;
    std::vector<NetworkSpec> teachers;
    if (task.teacher) teachers.push_back(*task.teacher);
    for (const TeacherSource& more : task.more_teachers)
        teachers.push_back(more.network);
    for (const NetworkSpec& each : teachers) {
        const auto bytes = activation_bytes(each, data.input, classes, false);
        if (!bytes) return tl::unexpected(bytes.error());
        teacher = std::max(teacher, *bytes); // one after the other
        weights += parameter_bytes(each, data.input, classes);
    }
    // Weights, gradients, a buffer per weight (two for AdamW).
    const auto copies = task.optimization.optimizer == "adamw" ? 4 : 3;
    weights += copies * parameter_bytes(task.network, data.input, classes);
    for (const NetworkSpec& peer : task.peers) {
        const auto bytes = activation_bytes(peer, data.input, classes, true);
        if (!bytes) return tl::unexpected(bytes.error());
        peers += *bytes;
        weights += copies * parameter_bytes(peer, data.input, classes);
    }
    MemoryNeed need;
    need.per_sample = *own + teacher + peers;
    need.fixed = weights + evaluation_batch * std::max(*quiet, teacher);
    if (device.is_cuda()) {
        need.fixed += static_cast<std::int64_t>(data.bytes.size() + data.values.size() * sizeof(float) +
                                                data.labels.size() * sizeof(std::int64_t));
        need.fixed += std::int64_t{512} << 20; // workspaces of cuBLAS and cuDNN
    }
    return need;
}

Result<void> require_memory(const MemoryNeed& need, std::int64_t batch, std::int64_t free,
                            std::string_view device, std::string_view field) {
    if (need.total(batch) <= free) return {};
    const auto room = need.per_sample > 0 ? (free - need.fixed) / need.per_sample : 0;
    auto message = "Training needs about " + gigabytes(need.total(batch)) + " with batches of " +
                   std::to_string(batch) + "; " + gigabytes(std::max<std::int64_t>(0, free)) +
                   " are free on " + std::string(device) + ". ";
    message +=
        room >= 1
            ? "A batch of " + std::to_string(std::bit_floor(static_cast<std::uint64_t>(room))) + " would fit."
            : "Not even a batch of one sample fits: choose a smaller network or data set, or free "
              "memory.";
    return failure(ErrorKind::memory, message, std::string(field));
}

} // namespace limbeck
