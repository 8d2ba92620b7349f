// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/tensor_files.h"

#include <utility>

#include "backend/engine/tensors.h"

namespace limbeck {

Result<void> put(TensorMap& map, const std::string& name, const torch::Tensor& tensor) {
    auto data = to_data(tensor);
    if (!data) return tl::unexpected<Error>(std::move(data.error()));
    map.tensors[name] = std::move(*data);
    return {};
}

void convert(torch::nn::Module& module, torch::ScalarType type) {
    for (torch::Tensor parameter : module.parameters())
        parameter.set_data(parameter.to(type));
    for (torch::Tensor buffer : module.buffers())
        if (buffer.is_floating_point()) buffer.set_data(buffer.to(type));
}

} // namespace limbeck
