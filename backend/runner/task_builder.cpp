// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/task_builder.h"

#include "backend/types/catalogue.h"
#include "backend/types/numbers.h"
#include "backend/types/random.h"

namespace limbeck {

const NetworkSpec& network_of(const ExperimentConfig& config, Role role) {
    return role == Role::teacher ? config.teacher.network : config.student.network;
}

const OptimizationConfig& optimization_of(const ExperimentConfig& config, Role role) {
    return role == Role::teacher ? config.teacher.training : config.training;
}

void set_epochs(ExperimentConfig& config, Role role, std::int64_t epochs) {
    (role == Role::teacher ? config.teacher.training.epochs : config.training.epochs) = epochs;
}

TrainingTask build_task(const ExperimentConfig& config, Role role) {
    TrainingTask task;
    task.role = role;
    task.network = network_of(config, role);
    task.optimization = optimization_of(config, role);
    task.crop_padding = config.data.crop_padding;
    task.flip = config.data.flip;
    task.seed = role == Role::teacher ? stream_seed(config.training.seed, "teacher") : config.training.seed;
    task.device = config.training.device;
    task.precision = config.training.precision;
    if (role != Role::student) return task;

    const DistillationConfig& distillation = config.distillation;
    task.teacher = config.teacher.network;
    task.hard_weight = distillation.hard_weight;
    for (TermConfig& term : terms_of(distillation))
        task.terms.push_back(
            {std::move(term.id), term.weight, std::move(term.taps), std::move(term.options)});
    return task;
}

std::string run_name(const ExperimentConfig& config, Role role) {
    if (role == Role::teacher) return "teacher " + config.teacher.network.model;
    if (role == Role::baseline) return "student alone";
    const DistillationConfig& distillation = config.distillation;
    const ObjectiveEntry* objective = find_objective(distillation.objective);
    std::string name;
    if (distillation.objective != "kd") name += distillation.objective + " ";
    if (!objective || objective->uses_temperature) name += "T" + number_text(distillation.temperature) + " ";
    name += "soft " + number_text(distillation.soft_weight);
    return name + " seed " + std::to_string(config.training.seed);
}

} // namespace limbeck
