// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <torch/types.h>

#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// The ten element types of DType and their counterparts.
torch::ScalarType to_torch(DType type);
Result<DType> from_torch(torch::ScalarType type);

/// "float32", as people write it.
std::string to_string(torch::ScalarType type);

/// "[2, 3, 32, 32]".
std::string shape_text(torch::IntArrayRef shape);

/// A tensor on the CPU that owns a copy of the values. Refuses data whose bytes do not fill the shape.
Result<torch::Tensor> to_tensor(const TensorData& data);

/// A contiguous copy on the host, whatever the tensor's device, strides and gradient.
Result<TensorData> to_data(const torch::Tensor& tensor);

} // namespace limbeck
