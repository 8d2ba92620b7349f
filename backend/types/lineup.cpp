// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/lineup.h"

#include <algorithm>
#include <numeric>

namespace limbeck {

namespace {

/// How many networks stand between the teacher and the student.
std::int64_t assistants_between(const DistillationConfig& distillation) {
    if (distillation.scheme == "assistants") return static_cast<std::int64_t>(distillation.assistants.size());
    if (distillation.scheme == "born-again") return std::max<std::int64_t>(distillation.generations - 1, 0);
    return 0;
}

const NetworkSpec& at(const std::vector<NetworkSpec>& list, std::int64_t index,
                      const NetworkSpec& otherwise) {
    const bool inside = index >= 0 && index < static_cast<std::int64_t>(list.size());
    return inside ? list[static_cast<std::size_t>(index)] : otherwise;
}

} // namespace

bool has_teacher(const DistillationConfig& distillation) {
    return distillation.scheme != "alone" && distillation.scheme != "mutual";
}

std::vector<LineupEntry> lineup_of(const ExperimentConfig& config) {
    const DistillationConfig& distillation = config.distillation;
    std::vector<LineupEntry> lineup;
    if (distillation.scheme == "alone") {
        lineup.push_back({Role::baseline, 0, {}});
        return lineup;
    }
    std::vector<std::size_t> teachers;
    if (has_teacher(distillation)) {
        for (std::size_t i = 0; i <= config.teacher.more.size(); ++i)
            lineup.push_back({Role::teacher, static_cast<std::int64_t>(i), {}});
        teachers.resize(lineup.size());
        std::iota(teachers.begin(), teachers.end(), std::size_t{0});
    }
    if (config.student.train_alone) lineup.push_back({Role::baseline, 0, {}});
    // The first of a chain hears all teachers; each later one hears the one before it alone.
    for (std::int64_t i = 0; i < assistants_between(distillation); ++i) {
        lineup.push_back({Role::assistant, i, teachers});
        teachers = {lineup.size() - 1};
    }
    lineup.push_back({Role::student, 0, teachers});
    return lineup;
}

const NetworkSpec& network_of(const ExperimentConfig& config, Role role, std::int64_t stage) {
    switch (role) {
    case Role::teacher:
        return at(config.teacher.more, stage - 1, config.teacher.network);
    case Role::assistant:
        if (config.distillation.scheme == "assistants")
            return at(config.distillation.assistants, stage, config.student.network);
        break; // a generation is the student once more
    case Role::baseline:
    case Role::student:
        break;
    }
    return config.student.network;
}

const NetworkSpec& network_of(const RunRecord& run) {
    return network_of(run.config, run.role, run.stage);
}

std::vector<NetworkSpec> teachers_of(const ExperimentConfig& config, Role role, std::int64_t stage) {
    std::vector<NetworkSpec> networks;
    if (!is_taught(role)) return networks;
    const std::vector<LineupEntry> lineup = lineup_of(config);
    for (const LineupEntry& entry : lineup) {
        if (entry.role != role || entry.stage != stage) continue;
        for (const std::size_t teacher : entry.teachers)
            networks.push_back(network_of(config, lineup[teacher].role, lineup[teacher].stage));
    }
    return networks;
}

std::vector<NetworkSpec> peers_of(const ExperimentConfig& config) {
    if (config.distillation.scheme != "mutual") return {};
    if (!config.distillation.peers.empty()) return config.distillation.peers;
    NetworkSpec twin = config.student.network;
    twin.weights.clear(); // it is started from the seed: two that start alike would never differ
    return {std::move(twin)};
}

} // namespace limbeck
