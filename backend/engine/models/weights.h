// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/engine/engine.h"
#include "backend/engine/models/network.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// Parameters and buffers on the host under the names of the published code ("layer1.0.conv1.weight",
/// "bn1.running_mean"), in the precision they have.
Result<TensorMap> state_dict(const Network& network);

/// Sets every parameter and buffer, whatever device the network is on; floating types are converted. Refuses,
/// and leaves the network untouched, when tensors are missing, unexpected or of another shape, and names
/// them. A missing "….num_batches_tracked" counts as 0: older files have none, and nothing here reads it.
Result<void> load_state_dict(Network& network, const TensorMap& weights);

/// Name by name, without touching the network. What load_state_dict fills in by itself is not missing.
WeightsReport compare_with(const Network& network, const TensorMap& weights);

/// Whether the specification asks for what fits and no more ("resnet20:partial=1").
bool wants_partial(const NetworkSpec& spec);

/// As the specification asks: load_state_dict, or with the option partial=1 the tensors that fit, all others
/// drawn as initialise() does from `seed`. The report says which are which.
Result<WeightsReport> load_weights(Network& network, const NetworkSpec& spec, const TensorMap& weights,
                                   std::uint64_t seed);

} // namespace limbeck
