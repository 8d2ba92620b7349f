// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/objectives/objective.h"

#include <algorithm>

#include <torch/torch.h>

#include "backend/engine/global_generator.h"
#include "backend/engine/models/network.h"
#include "backend/types/check_specs.h"
#include "backend/types/nearest.h"

namespace limbeck {

namespace {

std::vector<std::span<const TermMaker>> families() {
    return {response_terms(), decoupled_terms(), relation_terms(),    singular_terms(),
            feature_terms(),  review_terms(),    contrastive_terms(), staged_terms()};
}

const TermMaker* find_maker(std::string_view id) {
    for (const auto& family : families())
        for (const TermMaker& maker : family)
            if (maker.id == id) return &maker;
    return nullptr;
}

tl::unexpected<Error> refused(std::string message) {
    return failure(ErrorKind::configuration, std::move(message), "distillation.objective");
}

} // namespace

void Objective::hold_temperature(torch::Device device) {
    if (!has_option("temperature")) return;
    const auto scalar = torch::TensorOptions(torch::kFloat32).device(device);
    softening_ = HeldNumber(softening().value, scalar);
    squared_ = HeldNumber(temperature_squared().value, scalar);
}

void Objective::refresh_temperature() {
    if (!softening_.factor().held.defined()) return;
    softening_.set(softening().value);
    squared_.set(temperature_squared().value);
}

std::vector<std::string> objective_ids() {
    std::vector<std::string> ids;
    for (const ObjectiveEntry& entry : objective_catalogue())
        if (find_maker(entry.id)) ids.emplace_back(entry.id);
    return ids;
}

Result<std::shared_ptr<Objective>> make_objective(std::string_view id, const TermOptions& options,
                                                  const TermContext& context) {
    const TermMaker* maker = find_maker(id);
    const ObjectiveEntry* entry = find_objective(id);
    if (!maker || !entry) {
        std::vector<std::string_view> known;
        for (const ObjectiveEntry& each : objective_catalogue())
            known.push_back(each.id);
        return refused("There is no objective " + in_quotes(id) + "; the nearest is " +
                       std::string(nearest_name(id, known)) + " (known: " + listed(known) + ").");
    }
    if (const std::string problem = options_problem(id, options); !problem.empty())
        return refused("The options of " + std::string(id) + ": " + problem);
    TermOptions complete = options;
    complete.merge(default_options(*entry));
    // Torch's layers draw first values from the global generator; nobody else shall notice, and the run's own
    // stream decides.
    const GlobalGeneratorKept kept;
    auto made = maker->make(*entry, complete, context);
    if (made) initialise_layers(**made, context.seed, "objective");
    return made;
}

} // namespace limbeck
