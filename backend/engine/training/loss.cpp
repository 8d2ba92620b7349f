// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/loss.h"

#include <algorithm>
#include <limits>
#include <map>

#include <torch/torch.h>

namespace limbeck {
namespace {

double option_or_zero(const Objective& objective, std::string_view key) {
    return objective.has_option(key) ? objective.option(key) : 0;
}

Result<LossTerm> make_term(const TermSpec& spec, const LossContext& context) {
    const ObjectiveEntry* entry = find_objective(spec.id);
    TermContext terms = context.terms;
    LossTerm made;
    made.weight = spec.weight;
    if (entry && entry->group == ObjectiveGroup::features) {
        auto taps = resolve_taps(*entry, spec.taps, context.student, context.teacher);
        if (!taps) return tl::unexpected(taps.error());
        made.taps = std::move(*taps);
        for (const TapPair& pair : made.taps) {
            terms.student_shapes.push_back(context.student.of(pair.student));
            terms.teacher_shapes.push_back(context.teacher.of(pair.teacher));
        }
    }
    auto objective = make_objective(spec.id, spec.options, terms);
    if (!objective) return tl::unexpected(objective.error());
    made.objective = std::move(*objective);
    return made;
}

torch::Tensor value_beside(const LossTerm& term, const LossInputs& inputs, const Answers& other,
                           const LossTime& time) {
    TermInputs in;
    in.student_logits = inputs.student.logits;
    in.teacher_logits = other.logits;
    in.labels = inputs.labels;
    in.sample_ids = inputs.sample_ids;
    in.step = time.step;
    in.epoch = time.progress;
    in.training = inputs.training;
    for (const TapPair& pair : term.taps) {
        in.student_features.push_back(pair.student.of(inputs.student).to(torch::kFloat32));
        in.teacher_features.push_back(pair.teacher.of(other).to(torch::kFloat32));
    }
    return time.initial ? term.objective->initial_value(in) : term.objective->value(in);
}

} // namespace

std::int64_t LossTerm::initial_epochs() const {
    return weight > 0 ? static_cast<std::int64_t>(option_or_zero(*objective, initial_epochs_option)) : 0;
}

bool LossSettings::needs_taps() const {
    return std::any_of(terms.begin(), terms.end(), [](const LossTerm& term) { return term.on_features(); });
}

std::int64_t LossSettings::initial_epochs() const {
    std::int64_t longest = 0;
    for (const LossTerm& term : terms)
        longest = std::max(longest, term.initial_epochs());
    return longest;
}

bool LossSettings::initial_stage_trains_student() const {
    return std::any_of(terms.begin(), terms.end(), [](const LossTerm& term) {
        return term.initial_epochs() > 0 && term.objective->initial_stage_trains_student();
    });
}

double LossSettings::weight_at(const LossTerm& term, const LossTime& time) const {
    const std::int64_t initial = term.initial_epochs();
    if (time.initial) return time.epoch < initial ? term.weight : 0;
    if (initial > 0 && !term.objective->counts_after_initial_stage()) return 0;
    const double warmup = option_or_zero(*term.objective, warmup_epochs_option);
    return warmup > 1 ? term.weight * std::min(static_cast<double>(time.epoch + 1) / warmup, 1.0)
                      : term.weight;
}

Result<LossSettings> make_loss(double hard_weight, const std::vector<TermSpec>& terms,
                               const LossContext& context) {
    LossSettings loss;
    loss.hard_weight = hard_weight;
    std::map<std::string, int> seen;
    for (const TermSpec& spec : terms) {
        auto term = make_term(spec, context);
        if (!term) return tl::unexpected(term.error());
        if (loss.terms.empty()) {
            term->name = std::string(series::soft);
        } else {
            const int before = seen[spec.id]++;
            term->name = before == 0 ? spec.id : spec.id + "_" + std::to_string(before + 1);
        }
        loss.terms.push_back(std::move(*term));
    }
    return loss;
}

torch::Tensor term_value(const LossTerm& term, const LossInputs& inputs, const LossTime& time) {
    torch::Tensor value;
    for (const Answers& other : inputs.others) {
        const torch::Tensor one = value_beside(term, inputs, other, time);
        value = value.defined() ? value + one : one;
    }
    return inputs.others.size() > 1 ? value / static_cast<double>(inputs.others.size()) : value;
}

bool can_be_evaluated(const LossTerm& term, std::int64_t samples) {
    return term.objective->can_be_evaluated() && (samples > 1 || !term.objective->entry().batch_dependent);
}

LossValues evaluate_loss(const LossSettings& settings, const LossInputs& inputs) {
    const torch::NoGradGuard no_grad;
    LossTime main;
    main.epoch = std::numeric_limits<std::int64_t>::max() / 2; // no warm-up any more
    main.progress = static_cast<double>(main.epoch);
    LossValues values;
    values.hard = torch::cross_entropy_loss(inputs.student.logits, inputs.labels);
    values.hard_weight = settings.hard_weight;
    values.total = values.hard * settings.hard_weight;
    for (const LossTerm& term : settings.terms) {
        values.weights.push_back(settings.weight_at(term, main));
        if (!can_be_evaluated(term, inputs.labels.size(0))) {
            values.terms.push_back(torch::full_like(values.hard, std::numeric_limits<double>::quiet_NaN()));
            continue;
        }
        values.terms.push_back(term_value(term, inputs, main).to(values.hard.scalar_type()));
        values.total = torch::add(values.total, values.terms.back(), values.weights.back());
    }
    return values;
}

} // namespace limbeck
