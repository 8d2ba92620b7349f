// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/run.h"

namespace limbeck {

/// One network of an experiment: what it is for, and who teaches it.
struct LineupEntry {
    Role role = Role::student;
    std::int64_t stage = 0;            ///< as in RunRecord
    std::vector<std::size_t> teachers; ///< entries before this one; more than one are averaged
};

/// Which networks a press of Start trains, in the order of their runs: what the scheme means. Teachers that
/// come with weights are entries too, though they need no run. Known from the configuration alone.
std::vector<LineupEntry> lineup_of(const ExperimentConfig& config);

/// The network of a run. A stage that the configuration does not have gives the student's or the teacher's.
const NetworkSpec& network_of(const ExperimentConfig& config, Role role, std::int64_t stage);
const NetworkSpec& network_of(const RunRecord& run);

/// The networks that teach a run, in the order in which RunRecord names them; none for a teacher, a student
/// alone or one that learns from its peers.
std::vector<NetworkSpec> teachers_of(const ExperimentConfig& config, Role role, std::int64_t stage);

/// Whether the scheme has a teacher at all (alone and mutual have none).
bool has_teacher(const DistillationConfig& distillation);

/// Who learns along with the student (scheme mutual only; its twin where none are named).
std::vector<NetworkSpec> peers_of(const ExperimentConfig& config);

} // namespace limbeck
