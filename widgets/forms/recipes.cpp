// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/recipes.h"

#include <algorithm>
#include <vector>

#include "backend/types/fields.h"
#include "widgets/forms/recipe_makers.h"

namespace limbeck {

namespace recipe {

DistillationConfig answers(std::string_view objective, const Numbers& numbers, const TermOptions& options) {
    DistillationConfig made;
    made.objective = objective;
    made.hard_weight = numbers.hard;
    made.soft_weight = numbers.soft;
    made.temperature = numbers.temperature;
    const ObjectiveEntry* entry = find_objective(objective);
    if (entry) made.t_squared = entry->t_squared;
    made.options = differing(entry, options);
    return made;
}

DistillationConfig feature(std::string_view id, double weight, const TermOptions& options, double soft) {
    DistillationConfig made = answers("kd", {1, soft, 4});
    made.terms.push_back({std::string(id), weight, {}, differing(find_objective(id), options)});
    return made;
}

TermOptions differing(const ObjectiveEntry* entry, const TermOptions& options) {
    if (!entry) return options;
    const TermOptions defaults = default_options(*entry);
    TermOptions kept = options;
    std::erase_if(kept, [&](const auto& option) {
        const auto found = defaults.find(option.first);
        return found != defaults.end() && found->second == option.second;
    });
    return kept;
}

} // namespace recipe

namespace {

/// check() of the loss alone: unknown objectives and options are its problems too.
bool isKnown(const DistillationConfig& distillation) {
    ExperimentConfig config;
    config.distillation = distillation;
    const std::vector<Problem> problems = check(config);
    return std::none_of(problems.begin(), problems.end(),
                        [](const Problem& problem) { return problem.key.starts_with("distillation."); });
}

} // namespace

std::span<const Recipe> recipes() {
    static const std::vector<Recipe> known = [] {
        std::vector<Recipe> all;
        for (auto* more : {&recipe::tutorials, &recipe::repdistiller, &recipe::mdistiller, &recipe::later}) {
            std::vector<Recipe> group = more();
            all.insert(all.end(), group.begin(), group.end());
        }
        std::erase_if(all, [](const Recipe& each) { return !isKnown(each.distillation); });
        return all;
    }();
    return known;
}

DistillationConfig with_recipe(const Recipe& recipe, const DistillationConfig& now) {
    DistillationConfig taken = recipe.distillation;
    taken.scheme = now.scheme == "alone" || now.scheme == "mixup" ? "plain" : now.scheme;
    taken.assistants = now.assistants;
    taken.peers = now.peers;
    taken.generations = now.generations;
    return taken;
}

} // namespace limbeck
