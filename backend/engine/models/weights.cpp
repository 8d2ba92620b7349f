// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/weights.h"

#include <set>
#include <string_view>

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/tensors.h"

namespace limbeck {

namespace {

/// Parameters first, then buffers; the tensors are the network's own.
std::vector<std::pair<std::string, torch::Tensor>> state(const torch::nn::Module& network) {
    std::vector<std::pair<std::string, torch::Tensor>> all;
    for (const auto& item : network.named_parameters())
        all.emplace_back(item.key(), item.value());
    for (const auto& item : network.named_buffers())
        all.emplace_back(item.key(), item.value());
    return all;
}

bool is_counter(std::string_view name) {
    return name.ends_with("num_batches_tracked");
}

/// Collects what does not fit, and says the first few of each kind.
class Complaints {
  public:
    void add(std::string what) {
        if (++count_ <= shown) text_ += (text_.empty() ? "" : "; ") + std::move(what);
    }

    Result<void> result() const {
        if (count_ == 0) return {};
        const std::string more = count_ > shown ? "; and " + std::to_string(count_ - shown) + " more" : "";
        return failure(ErrorKind::data, "The weights do not fit the network: " + text_ + more +
                                            ". They must come from the same network with the same input and "
                                            "number of classes.");
    }

  private:
    static constexpr int shown = 4;
    int count_ = 0;
    std::string text_;
};

} // namespace

Result<TensorMap> state_dict(const Network& network) {
    return guarded("copying a network's weights", [&]() -> Result<TensorMap> {
        TensorMap map;
        for (const auto& [name, tensor] : state(network)) {
            auto data = to_data(tensor);
            if (!data) return tl::unexpected<Error>(std::move(data.error()));
            map.tensors.emplace(name, std::move(*data));
        }
        return map;
    });
}

Result<void> load_state_dict(Network& network, const TensorMap& weights) {
    return guarded("loading a network's weights", [&]() -> Result<void> {
        const torch::NoGradGuard no_grad;
        Complaints complaints;
        std::set<std::string_view> unknown;
        for (const auto& item : weights.tensors)
            unknown.insert(item.first);
        std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;
        for (const auto& [name, target] : state(network)) {
            const auto found = weights.tensors.find(name);
            if (found == weights.tensors.end()) {
                if (is_counter(name))
                    copies.emplace_back(target, torch::zeros_like(target));
                else
                    complaints.add(name + " is missing");
                continue;
            }
            unknown.erase(name);
            const auto source = to_tensor(found->second);
            if (!source)
                complaints.add(name + ": " + source.error().message);
            else if (source->sizes() != target.sizes())
                complaints.add(name + " is " + shape_text(source->sizes()) + " where the network has " +
                               shape_text(target.sizes()));
            else if (source->is_floating_point() != target.is_floating_point())
                complaints.add(name + " is of type " + to_string(source->scalar_type()) +
                               " where the network has " + to_string(target.scalar_type()));
            else
                copies.emplace_back(target, *source);
        }
        for (const std::string_view name : unknown)
            complaints.add(std::string(name) + " is unknown to the network");
        if (auto result = complaints.result(); !result) return result;
        for (auto& [target, source] : copies)
            target.copy_(source);
        return {};
    });
}

} // namespace limbeck
