// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/reuse.h"

#include <algorithm>

#include "backend/runner/task_builder.h"
#include "backend/runner/teacher_links.h"
#include "backend/types/lineup.h"

namespace limbeck {

namespace {

bool same_lesson(const RunRecord& one, const RunRecord& other) {
    const DistillationConfig &how = one.config.distillation, &other_how = other.config.distillation;
    if (how.scheme != other_how.scheme || how.hard_weight != other_how.hard_weight ||
        terms_of(how) != terms_of(other_how))
        return false;
    const std::vector<TeacherLink> links = teacher_links(one), other_links = teacher_links(other);
    const auto same_weights = [](const TeacherLink& link, const TeacherLink& other_link) {
        return !link.weights.empty() && link.weights == other_link.weights;
    };
    if (!std::equal(links.begin(), links.end(), other_links.begin(), other_links.end(), same_weights))
        return false;
    // Kept in float32 they are the same to the bit as asked for anew.
    if ((one.config.teacher.cache == "half") != (other.config.teacher.cache == "half")) return false;
    return links.size() < 2 || one.config.teacher.average == other.config.teacher.average;
}

} // namespace

bool same_training(const RunRecord& one, const RunRecord& other) {
    const OptimizationConfig& how = optimization_of(one.config, one.role);
    const OptimizationConfig& other_how = optimization_of(other.config, other.role);
    return one.role == other.role && one.stage == other.stage && one.config.data == other.config.data &&
           network_of(one) == network_of(other) && how == other_how &&
           one.config.training.seed == other.config.training.seed &&
           one.config.training.precision == other.config.training.precision &&
           (!is_taught(one.role) || same_lesson(one, other));
}

Result<std::optional<RunRecord>> find_equal(const Project& project, const std::vector<RunRecord>& runs,
                                            const RunRecord& wanted) {
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        if (run->state != RunState::finished || !same_training(*run, wanted)) continue;
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
