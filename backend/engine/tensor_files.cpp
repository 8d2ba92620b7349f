// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/tensor_files.h"

#include <utility>

#include <torch/torch.h>

#include "backend/engine/tensors.h"

namespace limbeck {

Result<void> put(TensorMap& map, const std::string& name, const torch::Tensor& tensor) {
    auto data = to_data(tensor);
    if (!data) return tl::unexpected<Error>(std::move(data.error()));
    map.tensors[name] = std::move(*data);
    return {};
}

Result<void> load_named(const TensorMap& saved, const NamedTensors& targets, const SavedWords& words) {
    std::vector<torch::Tensor> values;
    for (const auto& [name, target] : targets) {
        const auto found = saved.tensors.find(name);
        if (found == saved.tensors.end())
            return failure(ErrorKind::document, std::string(words.saved) + " that was saved has no \"" +
                                                    name + "\": it belongs to " + words.belongs_to + ".");
        auto value = to_tensor(found->second);
        if (!value) return tl::unexpected(value.error());
        if (value->sizes() != target.sizes())
            return failure(ErrorKind::document, std::string(words.saved) + " \"" + name +
                                                    "\" that was saved is " + shape_text(value->sizes()) +
                                                    "; " + words.needed_by + " needs " +
                                                    shape_text(target.sizes()) + ".");
        values.push_back(std::move(*value));
    }
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < targets.size(); ++i)
        torch::Tensor(targets[i].second).copy_(values[i]);
    return {};
}

void convert(torch::nn::Module& module, torch::ScalarType type) {
    for (torch::Tensor parameter : module.parameters())
        parameter.set_data(parameter.to(type));
    for (torch::Tensor buffer : module.buffers())
        if (buffer.is_floating_point()) buffer.set_data(buffer.to(type));
}

} // namespace limbeck
