// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/project.h"
#include "backend/project/sqlite.h"
#include "backend/project/table.h"

/// Settings, runs, events and checkpoints as rows. The callers hold a ReadScope or WriteScope.
namespace limbeck {

/// One more than the largest number in a column of the rows that are whole, from 1 on; throws Failure when
/// that is the largest there is. `what` is numbered, in words: "group of runs".
std::int64_t next_number(Database& database, const Table& table, std::size_t column, const std::string& what);

std::optional<std::string> find_setting(Database& database, const std::string& name);
void write_setting(Database& database, const std::string& name, const std::string& value);
ExperimentConfig load_config(Database& database);
LeftOut load_left_out(Database& database);

/// One row of `run`, without what it has in tables of its own.
RunRecord read_run_row(Database& database, const Row& row);
/// Those that can be read, by their numbers; of each of the others `left_out` is told, and why.
std::vector<RunRecord> load_runs(Database& database,
                                 const std::function<void(RunId, const Error&)>& left_out = {});
RunRecord load_run(Database& database, RunId id);
/// Runs whose row says running or paused, of those that can be read.
std::set<RunId> runs_under_way(Database& database);
void require_run(Database& database, RunId id); ///< throws Failure when there is none
RunId add_run(Database& database, RunRecord record);
void update_run(Database& database, const RunRecord& record);
void write_run(Database& database, const RunRecord& record); ///< adds it or replaces it
/// Throws Failure when a row of the run is damaged: its number alone is no reason to drop what may be saved.
void remove_run(Database& database, RunId id);

std::int64_t add_event(Database& database, RunEvent event);
void update_event(Database& database, const RunEvent& event);
std::vector<RunEvent> load_events(Database& database, RunId run);

void put_checkpoint(Database& database, const CheckpointRecord& record);
CheckpointRecord checkpoint_of(const Row& row);
std::optional<CheckpointRecord> find_checkpoint(Database& database, RunId run, const std::string& kind);

} // namespace limbeck
