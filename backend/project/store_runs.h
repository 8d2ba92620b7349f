// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/project.h"
#include "backend/project/sqlite.h"

/// Settings, runs, events and checkpoints as rows. The callers hold a ReadScope or WriteScope.
namespace limbeck {

std::optional<std::string> find_setting(Database& database, const std::string& name);
void write_setting(Database& database, const std::string& name, const std::string& value);
ExperimentConfig load_config(Database& database);
LeftOut load_left_out(Database& database);

std::vector<RunRecord> load_runs(Database& database);
RunRecord load_run(Database& database, RunId id);
/// Runs whose row says running or paused.
std::set<RunId> runs_under_way(Database& database);
void require_run(Database& database, RunId id); ///< throws Failure when there is none
RunId add_run(Database& database, RunRecord record);
void update_run(Database& database, const RunRecord& record);
void remove_run(Database& database, RunId id);

std::int64_t add_event(Database& database, RunEvent event);
void update_event(Database& database, const RunEvent& event);
std::vector<RunEvent> load_events(Database& database, RunId run);

void put_checkpoint(Database& database, const CheckpointRecord& record);
std::optional<CheckpointRecord> find_checkpoint(Database& database, RunId run, const std::string& kind);

} // namespace limbeck
