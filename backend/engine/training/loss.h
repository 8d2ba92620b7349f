// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <torch/types.h>

#include "backend/engine/engine.h"
#include "backend/engine/models/network.h"
#include "backend/engine/objectives/objective.h"
#include "backend/engine/training/taps.h"

namespace limbeck {

/// One term of the loss besides cross-entropy, its settings free to change between two steps.
struct LossTerm {
    std::string name; ///< of its series: "soft" for the first, the term's id for others ("at", "at_2")
    std::shared_ptr<Objective> objective;
    double weight = 0;
    std::vector<TapPair> taps; ///< empty for terms of the answers

    bool on_features() const { return !taps.empty(); }

    std::int64_t initial_epochs() const; ///< 0: the term has no initial stage
};

/// When in a run a loss is computed. A run may begin with an initial stage, in which only the terms that have
/// one count; then the main stage follows, in which everything does.
struct LossTime {
    bool initial = false;
    std::int64_t epoch = 0; ///< whole epochs done in this stage
    double progress = 0;    ///< epochs done in the main stage, with their fraction
    std::int64_t step = 0;  ///< steps done in the run
};

/// loss = hard_weight · CE(s, y) + Σ weight · term(s, t)
struct LossSettings {
    double hard_weight = 1;
    std::vector<LossTerm> terms;

    bool needs_taps() const;
    std::int64_t initial_epochs() const; ///< of the longest initial stage
    bool initial_stage_trains_student() const;

    double hard_weight_at(const LossTime& time) const { return time.initial ? 0 : hard_weight; }

    /// With warm-up and stages in it.
    double weight_at(const LossTerm& term, const LossTime& time) const;
};

/// Shapes and data that terms are built for.
struct LossContext {
    TapShapes student, teacher;
    TermContext terms; ///< its shapes are filled in for each term
};

/// Terms by their ids; what is unknown, out of range or does not fit is refused in words.
Result<LossSettings> make_loss(double hard_weight, const std::vector<TermSpec>& terms,
                               const LossContext& context);

/// What a loss is computed from. Logits and features are in the precision in which it is computed.
struct LossInputs {
    Answers student;
    std::vector<Answers> others; ///< the teacher's answers, or those of each peer; terms are their mean
    torch::Tensor labels;        ///< [B] int64
    torch::Tensor sample_ids;    ///< [B] int64
    bool training = true;
};

/// The raw value of one term.
torch::Tensor term_value(const LossTerm& term, const LossInputs& inputs, const LossTime& time);

/// Scalars of one batch, means over its samples.
struct LossValues {
    torch::Tensor total, hard;
    std::vector<torch::Tensor> terms; ///< raw, in the order of the settings
    std::vector<torch::Tensor>
        shares;             ///< of the gradient's norm: labels, then the terms; empty: not measured
    double hard_weight = 0; ///< in force, with stages and warm-ups
    std::vector<double> weights;
    /// Where all was computed in one go (small_answers()): total, hard, terms, shares and the counts of
    /// count_answers(), float32; `hard`, `terms` and `shares` are undefined then.
    torch::Tensor row;
};

/// Whether a term has a value for a batch of that many samples that are not trained on.
bool can_be_evaluated(const LossTerm& term, std::int64_t samples);

/// Values without gradients, as the main stage weighs them. A term that cannot be evaluated on these samples
/// is NaN and left out of the total.
LossValues evaluate_loss(const LossSettings& settings, const LossInputs& inputs);

} // namespace limbeck
