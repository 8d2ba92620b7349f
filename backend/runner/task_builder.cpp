// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/task_builder.h"

#include "backend/types/catalogue.h"
#include "backend/types/lineup.h"
#include "backend/types/numbers.h"
#include "backend/types/phases.h"
#include "backend/types/random.h"

namespace limbeck {

namespace {

bool is_generation(const ExperimentConfig& config) {
    return config.distillation.scheme == "born-again";
}

std::uint64_t seed_of(const ExperimentConfig& config, Role role, std::int64_t stage) {
    const std::uint64_t seed = config.training.seed;
    const auto counter = static_cast<std::uint64_t>(stage);
    if (role == Role::teacher) return stream_seed(seed, "teacher", counter);
    if (role == Role::assistant)
        return stream_seed(seed, is_generation(config) ? "generation" : "assistant", counter);
    return seed;
}

/// "2 " for the second of several that would else have the same words; nothing for one alone.
std::string number_of(std::int64_t stage, std::size_t count) {
    return count > 1 ? std::to_string(stage + 1) + " " : "";
}

} // namespace

const OptimizationConfig& optimization_of(const ExperimentConfig& config, Role role) {
    return role == Role::teacher ? config.teacher.training : config.training;
}

void set_epochs(ExperimentConfig& config, Role role, std::int64_t epochs) {
    (role == Role::teacher ? config.teacher.training.epochs : config.training.epochs) = epochs;
}

std::int64_t total_epochs(const ExperimentConfig& config, Role role) {
    return optimization_of(config, role).epochs + initial_epochs(config, role);
}

TrainingTask build_task(const ExperimentConfig& config, Role role, std::int64_t stage) {
    TrainingTask task;
    task.role = role;
    task.network = network_of(config, role, stage);
    task.optimization = optimization_of(config, role);
    task.crop_padding = config.data.crop_padding;
    task.flip = config.data.flip;
    task.seed = seed_of(config, role, stage);
    task.device = config.training.device;
    task.precision = config.training.precision;
    if (!is_taught(role)) return task;

    const DistillationConfig& distillation = config.distillation;
    for (NetworkSpec& teacher : teachers_of(config, role, stage)) {
        if (!task.teacher)
            task.teacher = std::move(teacher);
        else
            task.more_teachers.push_back({std::move(teacher), {}});
    }
    task.average_logits = config.teacher.average == "logits";
    task.peers = peers_of(config);
    task.mixup = distillation.scheme == "mixup";
    constexpr std::int64_t megabyte = 1'000'000;
    if (task.teacher) task.teacher_cache = config.teacher.cache;
    task.cache_budget = config.teacher.cache_budget * megabyte;
    task.hard_weight = task.mixup ? 0 : distillation.hard_weight; // a blend has no label
    for (TermConfig& term : terms_of(distillation))
        task.terms.push_back(
            {std::move(term.id), term.weight, std::move(term.taps), std::move(term.options)});
    return task;
}

std::string run_name(const ExperimentConfig& config, Role role, std::int64_t stage) {
    const DistillationConfig& distillation = config.distillation;
    const std::string& model = network_of(config, role, stage).model;
    if (role == Role::teacher) return "teacher " + number_of(stage, config.teacher.more.size() + 1) + model;
    if (role == Role::baseline) return "student alone";
    if (role == Role::assistant && is_generation(config)) return "generation " + std::to_string(stage + 1);
    if (role == Role::assistant)
        return "assistant " + number_of(stage, distillation.assistants.size()) + model;
    const ObjectiveEntry* objective = find_objective(distillation.objective);
    std::string name;
    if (distillation.scheme != "plain") name += distillation.scheme + " ";
    if (distillation.objective != "kd") name += distillation.objective + " ";
    if (!objective || objective->uses_temperature) name += "T" + number_text(distillation.temperature) + " ";
    name += "soft " + number_text(distillation.soft_weight);
    return name + " seed " + std::to_string(config.training.seed);
}

} // namespace limbeck
