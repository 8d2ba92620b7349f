// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/optimizer.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <torch/torch.h>

namespace limbeck {
namespace {

std::vector<torch::Tensor> zeros_like(const std::vector<torch::Tensor>& tensors) {
    std::vector<torch::Tensor> zeros;
    for (const auto& tensor : tensors)
        zeros.push_back(torch::zeros_like(tensor));
    return zeros;
}

void add_named(NamedTensors& out, std::string_view prefix, const std::vector<std::string>& names,
               const std::vector<torch::Tensor>& tensors) {
    for (std::size_t i = 0; i < tensors.size(); ++i)
        out.emplace_back(std::string(prefix) + names[i], tensors[i]);
}

class Sgd final : public Optimizer {
  public:
    Sgd(const OptimizationConfig& config, NamedTensors parameters)
        : Optimizer(std::move(parameters))
        , momentum_(config.momentum)
        , weight_decay_(config.weight_decay)
        , nesterov_(config.nesterov && config.momentum > 0) {
        // Zeros instead of a special first step: momentum · 0 + gradient is the gradient.
        if (momentum_ != 0) buffers_ = zeros_like(parameters_);
    }

    void step(const Factor& learning_rate, const torch::Tensor& skip) override {
        const Active now = active();
        if (now.parameters.empty()) return;
        const auto update = [&](const auto& rate) {
            at::_fused_sgd_(now.parameters, now.gradients, now.of(buffers_), weight_decay_, momentum_, rate,
                            /*dampening=*/0, nesterov_, /*maximize=*/false, /*is_first_step=*/false, {},
                            skip);
        };
        if (learning_rate.held.defined())
            update(learning_rate.held);
        else
            update(learning_rate.value);
        free_gradients();
    }

    NamedTensors state() override {
        NamedTensors out;
        add_named(out, "momentum.", names_, buffers_);
        return out;
    }

  private:
    double momentum_, weight_decay_;
    bool nesterov_;
    std::vector<torch::Tensor> buffers_;
};

class AdamW final : public Optimizer {
  public:
    AdamW(const OptimizationConfig& config, NamedTensors parameters)
        : Optimizer(std::move(parameters))
        , weight_decay_(config.weight_decay)
        , means_(zeros_like(parameters_))
        , squares_(zeros_like(parameters_))
        , count_(torch::zeros({}, parameters_.front().options().requires_grad(false)))
        , counts_(parameters_.size(), count_) {}

    void step(const Factor& learning_rate, const torch::Tensor& skip) override {
        const Active now = active();
        if (now.parameters.empty()) return;
        // The count stands still when the update is skipped.
        count_.add_(1).sub_(skip);
        const auto update = [&](const auto& rate) {
            at::_fused_adamw_(now.parameters, now.gradients, now.of(means_), now.of(squares_), {},
                              now.of(counts_), rate, /*beta1=*/0.9, /*beta2=*/0.999, weight_decay_,
                              /*eps=*/1e-8, /*amsgrad=*/false, /*maximize=*/false, {}, skip);
        };
        if (learning_rate.held.defined())
            update(learning_rate.held);
        else
            update(learning_rate.value);
        free_gradients();
    }

    NamedTensors state() override {
        NamedTensors out;
        add_named(out, "exp_avg.", names_, means_);
        add_named(out, "exp_avg_sq.", names_, squares_);
        out.emplace_back("updates", count_);
        return out;
    }

  private:
    double weight_decay_;
    std::vector<torch::Tensor> means_, squares_;
    torch::Tensor count_;
    std::vector<torch::Tensor> counts_; ///< the same tensor for every parameter; the kernel only reads it
};

} // namespace

Optimizer::Optimizer(NamedTensors parameters) {
    for (auto& [name, tensor] : parameters) {
        names_.push_back(std::move(name));
        parameters_.push_back(std::move(tensor));
    }
}

std::vector<torch::Tensor> Optimizer::gradients() const {
    std::vector<torch::Tensor> gradients;
    gradients.reserve(parameters_.size());
    for (const auto& parameter : parameters_)
        if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    return gradients;
}

Optimizer::Active Optimizer::active() const {
    Active now;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        if (!parameters_[i].grad().defined()) continue;
        now.parameters.push_back(parameters_[i]);
        now.gradients.push_back(parameters_[i].grad());
        now.places.push_back(i);
    }
    return now;
}

std::vector<torch::Tensor> Optimizer::Active::of(const std::vector<torch::Tensor>& all) const {
    if (all.size() == places.size()) return all;
    std::vector<torch::Tensor> some;
    if (all.empty()) return some; // SGD without momentum keeps nothing
    for (const std::size_t place : places)
        some.push_back(all[place]);
    return some;
}

void Optimizer::reset() {
    const torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : state())
        tensor.zero_();
}

void Optimizer::free_gradients() {
    for (auto& parameter : parameters_)
        parameter.mutable_grad().reset();
}

Result<void> Optimizer::load(const TensorMap& saved) {
    return load_named(saved, state(),
                      {"The optimiser state", "another network or another optimiser", "this network"});
}

Result<std::unique_ptr<Optimizer>> make_optimizer(const OptimizationConfig& config, NamedTensors parameters) {
    if (config.optimizer == "sgd") return std::make_unique<Sgd>(config, std::move(parameters));
    if (config.optimizer == "adamw") return std::make_unique<AdamW>(config, std::move(parameters));
    return failure(ErrorKind::configuration,
                   "The optimiser is \"" + config.optimizer + "\"; it must be sgd or adamw.",
                   "training.optimizer");
}

} // namespace limbeck
