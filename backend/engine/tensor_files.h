// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <torch/nn/module.h>

#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

/// What answering from a file of tensors takes, for networks and objectives alike.
namespace limbeck {

/// to_data() into a map, in place of what has that name.
Result<void> put(TensorMap& map, const std::string& name, const torch::Tensor& tensor);

/// Parameters and floating buffers of a module in another element type. Module::to would turn batch norm's
/// counters into real numbers too.
void convert(torch::nn::Module& module, torch::ScalarType type);

} // namespace limbeck
