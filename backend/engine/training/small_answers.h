// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/engine/training/step_loss.h"

namespace limbeck {

/// All that a step derives from the answers to a small batch, computed in one go.
struct SmallAnswers {
    LossValues values;      ///< `values.row` holds all of them and the counts
    torch::Tensor gradient; ///< of the total, [B, classes]
};

/// Cross-entropy, kd, their gradients towards the logits, the lengths of these, and the counts, in a single
/// loop. For a small batch on the CPU LibTorch's operators take a hundred times as long to be called as to
/// compute, and these are two thirds of them. The values are those of the operators but for rounding (tested:
/// 1e-6). Nothing where the batch is large or elsewhere, or the loss has other terms: then the operators are
/// used.
std::optional<SmallAnswers> small_answers(const StepLossRequest& request);

} // namespace limbeck
