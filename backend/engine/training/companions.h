// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>

#include "backend/engine/training/guarded_buffers.h"
#include "backend/engine/training/optimizer.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// Modules that learn along with the network and are no part of it: adapters of terms, their memories, the
/// peers of mutual learning. They are trained with the same settings by an optimiser of their own, and saved
/// with the state of the run.
class Companions {
  public:
    struct Member {
        std::string name; ///< "term.1", "peer.0": prefix of what is saved
        std::shared_ptr<torch::nn::Module> module;
        bool guarded = true; ///< false: buffers too large to be copied in every step
    };

    Companions(std::vector<Member> members, const OptimizationConfig& config);

    /// Gradients that are there, to be checked; see Optimizer::gradients().
    std::vector<torch::Tensor> gradients() const;
    void settle(const torch::Tensor& bad);
    void step(const Factor& learning_rate, const torch::Tensor& skip);
    void forget_gradients();
    /// The last good buffers come back; see GuardedBuffers::revert().
    void revert();
    void reset_optimizer();

    /// Copies of parameters, buffers and optimiser state under "companion.…".
    Result<void> save(TensorMap& state) const;
    /// Refuses, and leaves everything untouched, when a tensor is missing or of another shape.
    Result<void> load(const TensorMap& state);

  private:
    NamedTensors tensors() const;

    std::vector<Member> members_;
    std::vector<GuardedBuffers> buffers_;
    std::unique_ptr<Optimizer> optimizer_; ///< null: nothing here learns
};

} // namespace limbeck
