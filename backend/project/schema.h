// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "backend/project/table.h"

/// The tables of project.limbeck and the checks at its opening; docs/format.md describes them.
namespace limbeck {

inline constexpr std::int64_t project_application_id = 0x4C4D424B; ///< "LMBK"
inline constexpr std::int64_t project_schema_version = 2;
inline constexpr std::int64_t first_schema_version = 1;

extern const Table setting_table, run_table, series_table, metric_chunk_table, event_table, object_table,
    checkpoint_table, run_stage_table, further_teacher_table;
/// All of them, in the order of their names.
const std::array<const Table*, 9>& all_tables();
/// Those that a file has: an older one that is open for viewing lacks the newer tables.
std::vector<const Table*> tables_of(Database& database);
bool has_table(Database& database, const Table& table);

/// What the first 100 bytes of the file tell.
struct FileHeader {
    bool write_ahead_log = false; ///< the file is, or was left, in WAL mode
};

/// Looks at the file without SQLite, so that nothing is changed: a missing, empty or foreign file and one of
/// a newer Limbeck throw Failure in words.
FileHeader check_file_header(const std::filesystem::path& file, const std::string& name);

/// Makes the tables; part of the caller's transaction.
void create_schema(Database& database);

/// Gives a database of an older format the newer tables and the number of this format, in one transaction.
/// Tables are only added, no row is touched. For a copy: see migrate.h.
void migrate_schema(Database& database);

/// SQLite's quick_check: its words, or empty where all pages are as they were written.
std::string find_page_damage(Database& database);

/// That the file has our tables exactly and nothing else (no views, triggers, indices).
void check_schema(Database& database);

} // namespace limbeck
