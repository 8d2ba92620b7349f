// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "backend/engine/training/loss.h"

namespace limbeck {

/// What one training step's loss needs besides its inputs.
struct StepLossRequest {
    const LossSettings& settings;
    const LossInputs& inputs;
    LossTime time;
    /// Of the network that learns. Where given, and where terms on features count, every piece's gradient is
    /// measured on them; else on the logits, which costs nothing, and only where all pieces are on the
    /// logits.
    std::vector<torch::Tensor> measured_on;
    /// A further scalar to be minimised in the same pass: the peers' losses. May be undefined.
    torch::Tensor beside;
    /// The weights of the labels and of the terms once more, as scalars on the device (see Factor); empty:
    /// they are plain numbers.
    std::vector<torch::Tensor> held_weights = {};

    Factor hard_weight() const { return factor(settings.hard_weight_at(time), 0); }

    Factor weight(std::size_t term) const {
        return factor(settings.weight_at(settings.terms[term], time), term + 1);
    }

  private:
    Factor factor(double value, std::size_t place) const {
        return {value, held_weights.empty() ? torch::Tensor() : held_weights[place]};
    }
};

/// Computes the loss of a training step and adds its gradients to those of all that learns. Pieces with
/// weight 0 are computed for the plots alone.
LossValues backpropagate(const StepLossRequest& request);

/// The same loss of other inputs as one scalar with its graph, for a peer.
torch::Tensor loss_of_peer(const StepLossRequest& request, const LossInputs& inputs);

} // namespace limbeck
