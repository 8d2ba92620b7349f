// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "backend/engine/device/precision.h"
#include "backend/engine/engine.h"
#include "backend/engine/models/network.h"
#include "backend/engine/training/batches.h"
#include "backend/engine/training/loss.h"
#include "backend/engine/training/teachers.h"

namespace limbeck {

/// Puts a network into evaluation mode and back into the mode it was in.
class EvaluationMode {
  public:
    explicit EvaluationMode(torch::nn::Module& network)
        : network_(network), was_training_(network.is_training()) {
        network_.eval();
    }

    ~EvaluationMode() { network_.train(was_training_); }

    EvaluationMode(const EvaluationMode&) = delete;
    EvaluationMode& operator=(const EvaluationMode&) = delete;

  private:
    torch::nn::Module& network_;
    bool was_training_;
};

/// What is evaluated: a network, who answers beside it (teachers or peers, or nobody) and the loss that it is
/// trained with.
struct Subject {
    Network& network;
    const Teachers& teachers;
    const std::vector<std::shared_ptr<Network>>& peers;
    const LossSettings& loss;
    Precision precision = Precision::float32;
    std::int64_t batch_size = 512; ///< of the training: terms that compare samples see no more at once
};

/// Counts over a whole part without augmentation, in evaluation mode. Losses and predictive KL are means over
/// the samples, computed in double precision from the logits; shares are counted. The validation part's
/// answers come along in half precision. An empty part gives no values. `keep_going` is asked between batches
/// (may be empty); false gives ErrorKind::cancelled.
Result<Evaluation> evaluate_part(const Subject& subject, const ResidentData& data, Part part,
                                 const std::function<bool()>& keep_going);

} // namespace limbeck
