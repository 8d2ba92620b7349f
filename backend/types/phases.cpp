// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/phases.h"

#include <algorithm>

#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

double option(const TermConfig& term, std::string_view key) {
    const auto found = term.options.find(std::string(key));
    return found == term.options.end() ? 0 : found->second;
}

} // namespace

bool has_terms(const ExperimentConfig& config, Role role) {
    return role != Role::teacher && role != Role::baseline && config.distillation.scheme != "alone";
}

std::int64_t initial_epochs(const ExperimentConfig& config, Role role) {
    std::int64_t longest = 0;
    if (!has_terms(config, role)) return longest;
    for (const TermConfig& term : terms_of(config.distillation))
        if (term.weight > 0)
            longest = std::max(longest, static_cast<std::int64_t>(option(term, initial_epochs_option)));
    return longest;
}

std::vector<Phase> phases_of(const ExperimentConfig& config, Role role) {
    std::vector<Phase> phases;
    const auto main = static_cast<double>(initial_epochs(config, role));
    if (main > 0) phases.push_back({Phase::Kind::initial, "initial stage", 0, main});
    const OptimizationConfig& how = role == Role::teacher ? config.teacher.training : config.training;
    if (how.warmup_epochs > 0)
        phases.push_back(
            {Phase::Kind::warmup, "warm-up of the learning rate", main, main + how.warmup_epochs});
    if (!has_terms(config, role)) return phases;
    for (const TermConfig& term : terms_of(config.distillation)) {
        const double epochs = option(term, warmup_epochs_option);
        if (term.weight > 0 && epochs > 1) // with one epoch the weight is whole from the start
            phases.push_back({Phase::Kind::warmup, "warm-up of " + term.id, main, main + epochs});
    }
    return phases;
}

} // namespace limbeck
