// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "backend/project/project.h"
#include "backend/project/sqlite.h"

/// Checkpoints of some epochs that stay beside a run's last and best. The callers hold a ReadScope or
/// WriteScope.
namespace limbeck {

/// All of a run's checkpoints, by step, then kind.
std::vector<CheckpointRecord> load_checkpoints(Database& database, RunId run);

/// Removes kept ones, the oldest first, until the objects of those left take at most `bytes`.
void limit_kept(Database& database, RunId run, std::int64_t bytes);

} // namespace limbeck
