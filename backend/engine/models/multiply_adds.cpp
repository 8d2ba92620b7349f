// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/multiply_adds.h"

#include <memory>
#include <string_view>

#include <torch/torch.h>

namespace limbeck {

namespace {

// A callback is a plain function: what it counts lives with the thread.
thread_local std::int64_t total = 0;
thread_local int convolutions = 0;
thread_local MultiplyAdds::Listener* listening = nullptr;

enum class Kind { other, convolution, product };

/// An operator under way: the inputs can be seen at its start only, the output at its end only.
struct UnderWay : at::ObserverContext {
    Kind kind = Kind::other;
    std::int64_t multiply_adds = 0;  ///< where the inputs tell
    std::int64_t row = 0;            ///< convolutions: values of one row of the weight, for each output
    std::vector<c10::IValue> inputs; ///< kept only for a listener
    std::int64_t number = -1;        ///< the listener's
};

/// Multiply-adds of a matrix product; -1 where it is none.
std::int64_t product(const at::RecordFunction& call) {
    const std::string_view name = call.name();
    const std::size_t first = name == "aten::mm" || name == "aten::bmm"          ? 0
                              : name == "aten::addmm" || name == "aten::baddbmm" ? 1
                                                                                 : 2;
    if (first == 2) return -1;
    return call.inputs()[first].toTensor().numel() * call.inputs()[first + 1].toTensor().size(-1);
}

std::unique_ptr<at::ObserverContext> started(const at::RecordFunction& call) {
    auto state = std::make_unique<UnderWay>();
    if (std::string_view(call.name()) == "aten::convolution") {
        ++convolutions;
        state->kind = Kind::convolution;
        const torch::Tensor weight = call.inputs()[1].toTensor();
        const std::int64_t row = weight.numel() / weight.size(0);
        // Every value of the output (of the input, where it is transposed) meets one row of the weight.
        if (call.inputs()[6].toBool())
            state->multiply_adds = call.inputs()[0].toTensor().numel() * row;
        else
            state->row = row;
    } else if (const std::int64_t count = product(call); count >= 0 && convolutions == 0) {
        // (Some convolutions are made of matrix products: those count once.)
        state->kind = Kind::product;
        state->multiply_adds = count;
    }
    if (listening) {
        state->number = listening->begins(call.inputs());
        if (state->kind != Kind::other) state->inputs.assign(call.inputs().begin(), call.inputs().end());
    }
    if (state->kind == Kind::other && state->number < 0) return nullptr;
    return state;
}

void finished(const at::RecordFunction& call, at::ObserverContext* context) {
    const auto* state = static_cast<const UnderWay*>(context);
    if (!state) return;
    if (state->kind == Kind::convolution) --convolutions;
    if (call.outputs().empty() || !call.outputs()[0].isTensor()) return;
    const torch::Tensor& output = call.outputs()[0].toTensor();
    if (state->kind != Kind::other) {
        const std::int64_t count = state->multiply_adds + state->row * output.numel();
        total += count;
        if (listening)
            listening->counts(c10::ArrayRef<const c10::IValue>(state->inputs.data(), state->inputs.size()),
                              count, output);
    }
    if (listening && state->number >= 0) listening->ends(state->number, output);
}

} // namespace

MultiplyAdds::MultiplyAdds(Listener* listener) {
    total = 0;
    convolutions = 0;
    listening = listener;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(started, finished)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
}

MultiplyAdds::~MultiplyAdds() {
    at::removeCallback(handle_);
    listening = nullptr;
}

std::int64_t MultiplyAdds::count() const {
    return total;
}

} // namespace limbeck
