// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "backend/engine/device/precision.h"
#include "backend/engine/models/network.h"

namespace limbeck {

/// log of the mean of the probabilities at temperature 1 (or the mean of the logits) of several answers
/// [B, C]: again logits, whose softmax is the average. One answer comes back as it is.
torch::Tensor average_answers(const std::vector<torch::Tensor>& logits, bool average_logits);

/// Who answers for a batch besides the student and does not learn: one frozen network, or several whose
/// answers are averaged.
class Teachers {
  public:
    Teachers() = default;

    /// The networks are in evaluation mode and want no gradients.
    Teachers(std::vector<std::shared_ptr<Network>> networks, bool average_logits)
        : networks_(std::move(networks)), average_logits_(average_logits) {}

    bool empty() const { return networks_.empty(); }

    /// Logits in float32; with `taps` also the first teacher's features.
    Answers answer(const torch::Tensor& inputs, bool taps, Precision precision) const;

  private:
    std::vector<std::shared_ptr<Network>> networks_;
    bool average_logits_ = false;
};

} // namespace limbeck
