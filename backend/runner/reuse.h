// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "backend/project/project.h"

namespace limbeck {

/// Whether a teacher trained by one configuration is the one that the other asks for: same data, network,
/// training, seed and precision (device and thread count are no part of what was asked for).
bool same_teacher(const ExperimentConfig& one, const ExperimentConfig& other);
/// The same of the student alone.
bool same_baseline(const ExperimentConfig& one, const ExperimentConfig& other);

/// The newest finished run of that role that gives what `config` asks for: it was not changed by hand while
/// it was on (no events) and its last weights are in the project.
Result<std::optional<RunRecord>> find_equal(const Project& project, const std::vector<RunRecord>& runs,
                                            const ExperimentConfig& config, Role role);

} // namespace limbeck
