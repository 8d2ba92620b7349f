// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/loss.h"

#include <torch/torch.h>

namespace limbeck {

Result<LossSettings> make_loss(double hard_weight, const std::vector<TermSpec>& terms,
                               const TermContext& context) {
    LossSettings loss;
    loss.hard_weight = hard_weight;
    for (const auto& spec : terms) {
        auto objective = make_objective(spec.id, spec.options, context);
        if (!objective) return tl::unexpected(objective.error());
        loss.terms.push_back({.name = loss.terms.empty() ? "soft" : spec.id,
                              .objective = std::move(*objective),
                              .weight = spec.weight});
    }
    return loss;
}

LossValues compute_loss(const LossSettings& settings, const torch::Tensor& student_logits,
                        const torch::Tensor& teacher_logits, const torch::Tensor& labels) {
    LossValues values;
    values.hard = torch::cross_entropy_loss(student_logits, labels);
    values.total = values.hard * settings.hard_weight;
    TermInputs inputs;
    inputs.student_logits = student_logits;
    inputs.teacher_logits = teacher_logits;
    inputs.labels = labels;
    for (const auto& term : settings.terms) {
        values.terms.push_back(term.objective->value(inputs));
        values.total = torch::add(values.total, values.terms.back(), term.weight);
    }
    return values;
}

} // namespace limbeck
