// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "backend/engine/engine.h"

namespace limbeck {

/// What a network costs for one sample.
/// - parameters: trainable values (not batch norm's running statistics)
/// - bytes: of parameters and buffers in float32, as a weights file holds them (its header of a few KB apart)
/// - flops: 2 × multiply-adds of convolutions and linear layers, counted from the shapes of a forward pass;
///   normalisation, activations, pooling, additions and biases are left out, as is usual
/// - latency_ms: median over forward passes of one sample in eval mode on the calling thread, for at most
/// about
///   150 ms (one pass where a single one is longer); 0 unless `measure_latency`
Result<NetworkCost> network_cost(const NetworkSpec& spec, const InputSpec& input, std::int64_t classes,
                                 bool measure_latency);

} // namespace limbeck
