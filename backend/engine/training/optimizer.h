// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "backend/engine/objectives/factor.h"
#include "backend/engine/tensor_files.h"
#include "backend/types/config.h"
#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// Updates all parameters of a network with one fused call. A flag on the device that is not 0 makes the call
/// leave everything as it is, so that nobody has to wait for the flag.
class Optimizer {
  public:
    virtual ~Optimizer() = default;
    /// `skip`: float scalar on the parameters' device. Takes the gradients and frees them. A held learning
    /// rate is float32 on a GPU, where the kernels read it as such, and double on the CPU.
    virtual void step(const Factor& learning_rate, const torch::Tensor& skip) = 0;
    /// Gradients of the parameters that have one, in their order. The others are left as they are by step():
    /// nothing that was computed depended on them.
    std::vector<torch::Tensor> gradients() const;
    void free_gradients();
    /// Forgets momentum and moments, for a stage that begins anew.
    void reset();
    /// Tensors that going on bit-exactly needs, by name ("momentum.fc.weight"); they are views, not copies.
    virtual NamedTensors state() = 0;
    /// Refuses, and leaves everything untouched, when a tensor is missing or of another shape.
    Result<void> load(const TensorMap& state);

  protected:
    explicit Optimizer(NamedTensors parameters);

    /// What one fused call works on: the parameters with a gradient, and what belongs to them.
    struct Active {
        std::vector<torch::Tensor> parameters, gradients;
        std::vector<std::size_t> places;
        /// Of `all`, which is index for index with the parameters.
        std::vector<torch::Tensor> of(const std::vector<torch::Tensor>& all) const;
    };

    Active active() const;
    std::vector<std::string> names_;
    std::vector<torch::Tensor> parameters_;
};

/// "sgd": momentum, Nesterov, weight decay added to the gradient, as torch.optim.SGD (Sutskever 2013).
/// "adamw": betas 0.9 and 0.999, eps 1e-8, decoupled weight decay (Loshchilov & Hutter 2019).
Result<std::unique_ptr<Optimizer>> make_optimizer(const OptimizationConfig& config, NamedTensors parameters);

} // namespace limbeck
