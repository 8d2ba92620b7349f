// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/companions.h"

#include <torch/torch.h>

#include "backend/engine/tensor_files.h"

namespace limbeck {
namespace {

const std::string prefix = "companion.";

} // namespace

Companions::Companions(std::vector<Member> members, const OptimizationConfig& config)
    : members_(std::move(members)) {
    NamedTensors parameters;
    for (const Member& member : members_) {
        if (member.guarded) buffers_.emplace_back(*member.module);
        for (const auto& item : member.module->named_parameters())
            if (item.value().requires_grad())
                parameters.emplace_back(member.name + "." + item.key(), item.value());
    }
    // The kinds are those of the network's own optimiser, which was made before.
    if (!parameters.empty()) optimizer_ = *make_optimizer(config, std::move(parameters));
}

std::vector<torch::Tensor> Companions::gradients() const {
    return optimizer_ ? optimizer_->gradients() : std::vector<torch::Tensor>();
}

void Companions::settle(const torch::Tensor& bad) {
    for (GuardedBuffers& buffers : buffers_)
        buffers.settle(bad);
}

void Companions::step(const Factor& learning_rate, const torch::Tensor& skip) {
    if (optimizer_) optimizer_->step(learning_rate, skip);
}

void Companions::forget_gradients() {
    if (optimizer_) optimizer_->free_gradients();
}

void Companions::revert() {
    for (GuardedBuffers& buffers : buffers_)
        buffers.revert();
}

void Companions::reset_optimizer() {
    if (optimizer_) optimizer_->reset();
}

NamedTensors Companions::tensors() const {
    NamedTensors all;
    for (const Member& member : members_) {
        for (const auto& item : member.module->named_parameters())
            all.emplace_back(prefix + member.name + "." + item.key(), item.value());
        for (const auto& item : member.module->named_buffers())
            all.emplace_back(prefix + member.name + "." + item.key(), item.value());
    }
    if (optimizer_)
        for (const auto& [name, tensor] : optimizer_->state())
            all.emplace_back(prefix + name, tensor);
    return all;
}

Result<void> Companions::save(TensorMap& state) const {
    for (const auto& [name, tensor] : tensors())
        if (auto done = put(state, name, tensor); !done) return done;
    return {};
}

Result<void> Companions::load(const TensorMap& state) {
    const auto loaded = load_named(state, tensors(), {"The training state", "another loss", "this loss"});
    if (!loaded) return loaded;
    for (GuardedBuffers& buffers : buffers_)
        buffers.accept();
    return {};
}

} // namespace limbeck
