// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/guarded_buffers.h"

#include <map>

#include <torch/torch.h>

namespace limbeck {

GuardedBuffers::GuardedBuffers(torch::nn::Module& network) {
    torch::NoGradGuard no_grad;
    std::map<torch::ScalarType, std::vector<torch::Tensor>> by_type;
    for (const auto& buffer : network.buffers())
        by_type[buffer.scalar_type()].push_back(buffer);
    for (auto& [type, buffers] : by_type) {
        std::vector<torch::Tensor> parts;
        for (const auto& buffer : buffers)
            parts.push_back(buffer.reshape({-1}));
        Flat flat;
        flat.present = torch::cat(parts);
        std::int64_t offset = 0;
        for (auto& buffer : buffers) {
            const auto shape = buffer.sizes().vec();
            const auto count = buffer.numel();
            buffer.set_data(flat.present.narrow(0, offset, count).view(shape));
            offset += count;
        }
        flat.good = flat.present.clone();
        flats_.push_back(std::move(flat));
    }
}

void GuardedBuffers::settle(const torch::Tensor& bad) {
    if (flats_.empty()) return;
    torch::NoGradGuard no_grad;
    const auto keep = bad.ne(0);
    for (auto& flat : flats_) {
        flat.present.copy_(torch::where(keep, flat.good, flat.present));
        flat.good.copy_(flat.present);
    }
}

void GuardedBuffers::revert() {
    torch::NoGradGuard no_grad;
    for (auto& flat : flats_)
        flat.present.copy_(flat.good);
}

void GuardedBuffers::accept() {
    torch::NoGradGuard no_grad;
    for (auto& flat : flats_)
        flat.good.copy_(flat.present);
}

} // namespace limbeck
