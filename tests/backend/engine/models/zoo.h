// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "backend/engine/models/network.h"

/// Networks and batches for tests of the zoo.
namespace limbeck::zoo {

using Shape = std::vector<std::int64_t>;

inline std::shared_ptr<Network> network(const std::string& spec, Shape shape, std::int64_t classes) {
    auto made = build_network(parse_network_spec(spec).value(), InputSpec{std::move(shape)}, classes);
    if (!made) throw std::runtime_error(made.error().message);
    return *made;
}

inline std::string refusal(const NetworkSpec& spec, Shape shape, std::int64_t classes) {
    const auto result = build_network(spec, InputSpec{std::move(shape)}, classes);
    return result ? "was built" : result.error().message;
}

inline torch::Tensor batch(std::int64_t size, Shape shape, std::uint64_t seed = 1) {
    shape.insert(shape.begin(), size);
    return torch::empty(shape).normal_(0, 1, at::make_generator<at::CPUGeneratorImpl>(seed));
}

inline std::int64_t parameters(const Network& network) {
    std::int64_t count = 0;
    for (const auto& parameter : network.parameters())
        count += parameter.numel();
    return count;
}

/// In eval mode with statistics and scales that no layer has by chance, so that a layer left out shows.
inline std::shared_ptr<Network> lived_in(const std::string& spec, Shape shape, std::int64_t classes) {
    auto made = network(spec, std::move(shape), classes);
    initialise(*made, 11);
    const torch::NoGradGuard no_grad;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(12);
    for (auto& item : made->named_parameters())
        if (item.value().dim() == 1)
            item.value().add_(torch::empty(item.value().sizes()).uniform_(-0.3, 0.5, generator));
    for (auto& item : made->named_buffers()) {
        if (!item.value().is_floating_point()) continue;
        const bool variance = item.key().ends_with("running_var");
        item.value().uniform_(variance ? 0.5 : -0.5, variance ? 1.5 : 0.5, generator);
    }
    made->eval();
    return made;
}

} // namespace limbeck::zoo
