// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "backend/engine/engine.h"
#include "backend/engine/objectives/objective.h"

namespace limbeck {

/// One term of the loss besides cross-entropy, its settings free to change between two steps.
struct LossTerm {
    std::string name; ///< of its series: "soft" for the first, the term's id for others
    std::shared_ptr<Objective> objective;
    double weight = 0;
};

/// loss = hard_weight · CE(s, y) + Σ weight · term(s, t)
struct LossSettings {
    double hard_weight = 1;
    std::vector<LossTerm> terms;
};

/// Terms by their ids; an unknown one or a setting out of range is refused in words.
Result<LossSettings> make_loss(double hard_weight, const std::vector<TermSpec>& terms,
                               const TermContext& context);

/// Scalars of one batch, means over its samples.
struct LossValues {
    torch::Tensor total, hard;
    std::vector<torch::Tensor> terms; ///< raw, in the order of the settings
};

/// Computes the loss in the precision of the logits [B, C]; `teacher_logits` may be undefined where there are
/// no terms.
LossValues compute_loss(const LossSettings& settings, const torch::Tensor& student_logits,
                        const torch::Tensor& teacher_logits, const torch::Tensor& labels);

} // namespace limbeck
