// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/cost.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include <ATen/record_function.h>
#include <torch/torch.h>

#include "backend/engine/device/threads.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/network.h"

namespace limbeck {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds latency_budget{150};
constexpr std::size_t most_passes = 200;
constexpr std::size_t fewest_passes = 5;

/// Listens to the operators of this thread while it lives and counts their multiply-adds: whatever a network
/// is built of, nothing has to be said about it twice. One at a time on a thread.
class MultiplyAdds {
  public:
    MultiplyAdds() {
        count_ = 0;
        handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(started, finished)
                                                 .needsInputs(true)
                                                 .needsOutputs(true)
                                                 .scopes({at::RecordScope::FUNCTION}));
    }

    ~MultiplyAdds() { at::removeCallback(handle_); }

    MultiplyAdds(const MultiplyAdds&) = delete;
    MultiplyAdds& operator=(const MultiplyAdds&) = delete;

    std::int64_t count() const { return count_; }

  private:
    /// A convolution under way: the inputs can be seen at its start only, the output at its end only.
    struct Convolution : at::ObserverContext {
        std::int64_t values_in = 0, row = 0; ///< values of the input and of one row of the weight
        bool transposed = false;
    };

    static std::unique_ptr<at::ObserverContext> started(const at::RecordFunction& call) {
        const std::string_view name = call.name();
        const auto input = [&](std::size_t i) -> const c10::IValue& { return call.inputs()[i]; };
        if (name == "aten::convolution") {
            ++convolutions_;
            auto convolution = std::make_unique<Convolution>();
            const torch::Tensor weight = input(1).toTensor();
            convolution->values_in = input(0).toTensor().numel();
            convolution->row = weight.numel() / weight.size(0);
            convolution->transposed = input(6).toBool();
            return convolution;
        }
        // Some convolutions are made of matrix products: count them once.
        if (convolutions_ > 0) return nullptr;
        if (name == "aten::mm" || name == "aten::bmm")
            count_ += input(0).toTensor().numel() * input(1).toTensor().size(-1);
        else if (name == "aten::addmm" || name == "aten::baddbmm")
            count_ += input(1).toTensor().numel() * input(2).toTensor().size(-1);
        return nullptr;
    }

    static void finished(const at::RecordFunction& call, at::ObserverContext* context) {
        const auto* convolution = static_cast<const Convolution*>(context);
        if (!convolution) return;
        --convolutions_;
        // Every value of the output (of the input, where it is transposed) meets one row of the weight.
        const std::int64_t values =
            convolution->transposed ? convolution->values_in : call.outputs().at(0).toTensor().numel();
        count_ += values * convolution->row;
    }

    // A callback is a plain function: what it counts lives with the thread.
    static thread_local std::int64_t count_;
    static thread_local int convolutions_;
    at::CallbackHandle handle_;
};

thread_local std::int64_t MultiplyAdds::count_ = 0;
thread_local int MultiplyAdds::convolutions_ = 0;

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
