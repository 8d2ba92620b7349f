// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <torch/types.h>

#include "backend/engine/engine.h"
#include "backend/engine/models/network.h"
#include "backend/types/error.h"

namespace limbeck {

/// What a training run will hold at its peak, apart from what the process holds already. Bytes.
struct MemoryNeed {
    std::int64_t fixed = 0;      ///< data on the device, weights, gradients, optimiser, one evaluation batch
    std::int64_t per_sample = 0; ///< activations of one sample of a batch

    std::int64_t total(std::int64_t batch) const { return fixed + batch * per_sample; }
};

/// Peak of one forward (and backward, if `training`) pass on the CPU, per sample: measured on two samples of
/// zeros with a network of its own kind, so that nothing is disturbed. Without the weights and their
/// gradients.
Result<std::int64_t> activation_bytes(const NetworkSpec& spec, const InputSpec& input, std::int64_t classes,
                                      bool training);

Result<MemoryNeed> estimate_memory(const TrainingTask& task, const Dataset& data, torch::Device device);

/// Refuses in words, with the batch size that would fit, what needs more than is free.
Result<void> require_memory(const MemoryNeed& need, std::int64_t batch, std::int64_t free,
                            std::string_view device, std::string_view field);

} // namespace limbeck
