// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/cost.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <torch/torch.h>

#include "backend/engine/device/threads.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/multiply_adds.h"
#include "backend/engine/models/network.h"

namespace limbeck {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds latency_budget{150};
constexpr std::size_t most_passes = 200;
constexpr std::size_t fewest_passes = 5;

/// On one thread: one sample gains little from more, and what other programs do then weighs less.
double median_latency(Network& network, const torch::Tensor& sample) {
    const SingleThread one(true);
    std::vector<double> passes;
    const auto start = Clock::now();
    while (passes.size() < most_passes &&
           (passes.size() < fewest_passes || Clock::now() - start < latency_budget)) {
        const auto before = Clock::now();
        network.forward(sample);
        passes.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
    }
    const auto middle = passes.begin() + static_cast<std::ptrdiff_t>(passes.size() / 2);
    std::nth_element(passes.begin(), middle, passes.end());
    return *middle;
}

} // namespace

Result<NetworkCost> network_cost(const NetworkSpec& spec, const InputSpec& input, std::int64_t classes,
                                 bool measure_latency) {
    return guarded("measuring " + spec.model, [&]() -> Result<NetworkCost> {
        const auto network = build_network(spec, input, classes);
        if (!network) return tl::unexpected<Error>(network.error());
        (*network)->eval();
        const torch::NoGradGuard no_grad;

        NetworkCost cost;
        for (const torch::Tensor& parameter : (*network)->parameters())
            cost.parameters += parameter.numel();
        cost.bytes = cost.parameters * static_cast<std::int64_t>(sizeof(float));
        for (const torch::Tensor& buffer : (*network)->buffers())
            cost.bytes += static_cast<std::int64_t>(buffer.nbytes());

        std::vector<std::int64_t> shape{1};
        shape.insert(shape.end(), input.shape.begin(), input.shape.end());
        const torch::Tensor sample = torch::zeros(shape);
        {
            const MultiplyAdds multiply_adds; // this pass also warms up
            (*network)->forward(sample);
            cost.flops = 2 * multiply_adds.count();
        }
        if (measure_latency) cost.latency_ms = median_latency(**network, sample);
        return cost;
    });
}

} // namespace limbeck
