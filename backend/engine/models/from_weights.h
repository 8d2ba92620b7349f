// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/engine/engine.h"

/// What a file of weights tells about the data that its network was made for.
namespace limbeck {

/// Rows of the classifier. Refuses weights without it.
Result<std::int64_t> classes_from(const NetworkSpec& spec, const InputSpec& input, const TensorMap& weights);

/// What export wrote beside the weights; else the channels of the first layer, on a picture of a size that
/// the shapes allow (as square as possible where they depend on it, else 32×32 or what the network needs at
/// least). Three channels where the weights are of another network.
InputSpec input_from(const NetworkSpec& spec, const TensorMap& weights);

/// Name by name. An input without a shape and no classes are taken from the weights.
Result<WeightsReport> compare_weights(const NetworkSpec& spec, const TensorMap& weights, InputSpec input,
                                      std::int64_t classes);

} // namespace limbeck
