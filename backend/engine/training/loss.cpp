// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/loss.h"

#include <torch/torch.h>

namespace limbeck {

Result<LossSettings> make_loss(double hard_weight, const std::vector<TermSpec>& terms) {
    LossSettings loss;
    loss.hard_weight = hard_weight;
    for (const auto& spec : terms) {
        const auto* term = find_term(spec.id);
        if (!term) {
            std::string known;
            for (const auto& id : objective_ids())
                known += (known.empty() ? "" : ", ") + id;
            return failure(ErrorKind::configuration,
                           "The objective \"" + spec.id + "\" is not known; known are " + known + ".",
                           "distillation.objective");
        }
        auto settings = term_settings(*term, spec.options);
        if (!settings) return tl::unexpected(settings.error());
        loss.terms.push_back({.name = loss.terms.empty() ? "soft" : spec.id,
                              .term = term,
                              .settings = *settings,
                              .weight = spec.weight});
    }
    return loss;
}

LossValues compute_loss(const LossSettings& settings, const torch::Tensor& student_logits,
                        const torch::Tensor& teacher_logits, const torch::Tensor& labels) {
    LossValues values;
    values.hard = torch::cross_entropy_loss(student_logits, labels);
    values.total = values.hard * settings.hard_weight;
    const TermInputs inputs{student_logits, teacher_logits, labels};
    for (const auto& term : settings.terms) {
        values.terms.push_back(term.term->value(inputs, term.settings));
        values.total = torch::add(values.total, values.terms.back(), term.weight);
    }
    return values;
}

} // namespace limbeck
