// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "backend/project/project.h"

namespace limbeck {

/// Whether a run gives the network that the other one is to give: same role and place, data, network,
/// training, seed and precision; of an assistant also the same loss and the very same teachers' weights
/// (device and thread count are no part of what was asked for).
bool same_training(const RunRecord& one, const RunRecord& other);

/// The newest finished run that gives what `wanted` is to give: it was not changed by hand while it was on
/// (no events) and its last weights are in the project.
Result<std::optional<RunRecord>> find_equal(const Project& project, const std::vector<RunRecord>& runs,
                                            const RunRecord& wanted);

} // namespace limbeck
