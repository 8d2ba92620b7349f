// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/reuse.h"

#include <algorithm>

namespace limbeck {

bool same_teacher(const ExperimentConfig& one, const ExperimentConfig& other) {
    return one.data == other.data && one.teacher == other.teacher &&
           one.training.seed == other.training.seed && one.training.precision == other.training.precision;
}

bool same_baseline(const ExperimentConfig& one, const ExperimentConfig& other) {
    const OptimizationConfig& how = one.training;
    const OptimizationConfig& other_how = other.training;
    return one.data == other.data && one.student.network == other.student.network && how == other_how &&
           one.training.seed == other.training.seed && one.training.precision == other.training.precision;
}

Result<std::optional<RunRecord>> find_equal(const Project& project, const std::vector<RunRecord>& runs,
                                            const ExperimentConfig& config, Role role) {
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        if (run->role != role || run->state != RunState::finished) continue;
        if (role == Role::teacher ? !same_teacher(run->config, config) : !same_baseline(run->config, config))
            continue;
        const auto events = project.events(run->id);
        if (!events) return tl::unexpected(events.error());
        if (!events->empty()) continue;
        const auto checkpoint = project.checkpoint(run->id, "last");
        if (!checkpoint) return tl::unexpected(checkpoint.error());
        if (*checkpoint) return *run;
    }
    return std::nullopt;
}

} // namespace limbeck
