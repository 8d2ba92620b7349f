// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/nn/module.h>

#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

/// What reading and writing files of tensors takes, for networks, objectives and trainings alike.
namespace limbeck {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// to_data() into a map, in place of what has that name.
Result<void> put(TensorMap& map, const std::string& name, const torch::Tensor& tensor);

/// Who asks for saved tensors, for the words of a refusal.
struct SavedWords {
    const char* saved;      ///< "The optimiser state"
    const char* belongs_to; ///< "another network or another optimiser"
    const char* needed_by;  ///< "this network"
};

/// Copies the tensors of those names into `targets`. Refuses, and leaves everything untouched, when one is
/// missing or of another shape.
Result<void> load_named(const TensorMap& saved, const NamedTensors& targets, const SavedWords& words);

/// Parameters and floating buffers of a module in another element type. Module::to would turn batch norm's
/// counters into real numbers too.
void convert(torch::nn::Module& module, torch::ScalarType type);

} // namespace limbeck
