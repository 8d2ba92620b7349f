// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/applicability.h"

#include <algorithm>

#include "backend/types/catalogue.h"
#include "backend/types/lineup.h"

namespace limbeck {

namespace {

Bearing data_bearing(std::string_view name, const DataConfig& data) {
    const DatasetEntry* entry = find_dataset(data.dataset.kind);
    if (!entry) return Bearing::applies;
    if (name == "noise") return entry->needs_folder ? Bearing::foreign : Bearing::applies;
    if (name == "crop_padding" || name == "flip")
        return entry->is_image() ? Bearing::applies : Bearing::foreign;
    // CIFAR brings a test part; an IDX folder may, which only its reader knows.
    if (name == "test_fraction" && entry->kind.starts_with("cifar")) return Bearing::foreign;
    return Bearing::applies;
}

Bearing optimization_bearing(std::string_view name, const OptimizationConfig& training) {
    if (name == "momentum" || name == "nesterov")
        return training.optimizer == "sgd" ? Bearing::applies : Bearing::idle;
    if (name == "step_every" || name == "step_factor")
        return training.schedule == "step" ? Bearing::applies : Bearing::idle;
    return Bearing::applies;
}

Bearing scheme_bearing(std::string_view name, const DistillationConfig& distillation) {
    const auto only = [&](std::string_view scheme) {
        return distillation.scheme == scheme ? Bearing::applies : Bearing::foreign;
    };
    if (name == "assistants") return only("assistants");
    if (name == "peers") return only("mutual");
    if (name == "generations") return only("born-again");
    return Bearing::applies;
}

Bearing distillation_bearing(std::string_view name, const DistillationConfig& distillation) {
    if (name == "scheme") return Bearing::applies;
    if (const Bearing how = scheme_bearing(name, distillation); how != Bearing::applies) return how;
    const ObjectiveEntry* entry = find_objective(distillation.objective);
    if (name == "options" && entry && entry->options.empty() && distillation.options.empty())
        return Bearing::foreign;
    if (distillation.scheme == "alone") return Bearing::idle;
    // Mixed pictures have no label.
    if (name == "hard_weight" && distillation.scheme == "mixup") return Bearing::idle;
    if (!entry) return Bearing::applies;
    if (name == "temperature") return entry->uses_temperature ? Bearing::applies : Bearing::idle;
    if (name == "t_squared") return entry->uses_t_squared ? Bearing::applies : Bearing::idle;
    return Bearing::applies;
}

/// Teachers that come with weights are not trained.
bool trains_teachers(const ExperimentConfig& config) {
    const auto is_trained = [](const NetworkSpec& network) { return network.weights.empty(); };
    const std::vector<NetworkSpec>& more = config.teacher.more;
    return has_teacher(config.distillation) &&
           (is_trained(config.teacher.network) || std::any_of(more.begin(), more.end(), is_trained));
}

Bearing teacher_bearing(std::string_view name, const ExperimentConfig& config) {
    if (name == "average" && config.teacher.more.empty()) return Bearing::foreign;
    const bool possible = has_teacher(config.distillation) && config.distillation.scheme != "mixup";
    const std::string& cache = config.teacher.cache;
    // A wish that the scheme cannot grant stays within reach, to be taken back.
    if (name == "cache" && (cache == "float32" || cache == "half")) return Bearing::applies;
    if (name == "cache") return possible ? Bearing::applies : Bearing::idle;
    if (name == "cache_budget") return possible && cache != "off" ? Bearing::applies : Bearing::idle;
    return has_teacher(config.distillation) ? Bearing::applies : Bearing::idle;
}

} // namespace

Bearing bearing(std::string_view key, const ExperimentConfig& config) {
    const auto in = [&](std::string_view section) { return key.starts_with(section); };
    const auto name = key.substr(key.rfind('.') + 1);
    if (in("data.")) return data_bearing(name, config.data);
    if (in("teacher.training.")) {
        if (!trains_teachers(config)) return Bearing::idle;
        return optimization_bearing(name, config.teacher.training);
    }
    if (in("teacher.")) return teacher_bearing(name, config);
    // The scheme trains nothing but it.
    if (key == "student.alone" && config.distillation.scheme == "alone") return Bearing::idle;
    if (in("training.")) return optimization_bearing(name, config.training);
    if (in("distillation.")) return distillation_bearing(name, config.distillation);
    return Bearing::applies;
}

} // namespace limbeck
