// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/adoption.h"

#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

/// The first term of the features, whose weights count besides the objective's.
const ObjectiveEntry* firstFeature(const DistillationConfig& distillation) {
    for (const TermConfig& term : distillation.terms) {
        const ObjectiveEntry* entry = find_objective(term.id);
        if (entry && entry->group == ObjectiveGroup::features) return entry;
    }
    return nullptr;
}

struct Weights {
    double hard, soft;
    bool operator==(const Weights&) const = default;
};

/// The weights that a loss of this make-up starts with.
Weights usualWeights(const DistillationConfig& distillation, const ObjectiveEntry& objective) {
    const ObjectiveEntry* feature = firstFeature(distillation);
    Weights usual =
        feature ? Weights{feature->hard_weight, 0} : Weights{objective.hard_weight, objective.weight};
    if (distillation.scheme == "mixup") usual.hard = 0;
    return usual;
}

} // namespace

DistillationConfig adopted(const DistillationConfig& before, DistillationConfig now) {
    const ObjectiveEntry* from = find_objective(before.objective);
    const ObjectiveEntry* to = find_objective(now.objective);
    // Options of the same name mean other things elsewhere.
    if (now.objective != before.objective) now.options.clear();
    if (!from || !to) return now;
    const bool other_objective = from != to;
    // A temperature that somebody chose speaks for the weights too: they were weighed with it.
    const bool untouched = Weights{before.hard_weight, before.soft_weight} == usualWeights(before, *from) &&
                           (!other_objective || before.temperature == from->temperature);
    if (other_objective && untouched) now.temperature = to->temperature;
    if (other_objective && before.t_squared == from->t_squared) now.t_squared = to->t_squared;
    const Weights usual = usualWeights(now, *to);
    const bool same_make_up = usual == usualWeights(before, *from);
    if (untouched && !same_make_up) {
        now.hard_weight = usual.hard;
        now.soft_weight = usual.soft;
    }
    return now;
}

} // namespace limbeck
