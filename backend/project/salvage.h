// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backend/project/sqlite.h"

namespace limbeck {

/// What reads whole of a damaged database.
struct Salvage {
    std::string complaint;             ///< SQLite's own words about the pages; empty if it has none
    std::vector<DamagedRow> damaged;   ///< rows that do not fit their check sums
    std::set<const Table*> incomplete; ///< tables of which SQLite could not read all pages
    bool header = false;               ///< the first bytes of the file were damaged
    bool misordered = false;           ///< rows were not in the order of their keys
    std::int64_t rows = 0;             ///< copied
};

/// Copies every row that fits its check sum from the database in `file`, which may be damaged anywhere, into
/// `to`, which has our tables and no rows: what SQLite reads from both ends of each table, then what stands
/// on the pages by themselves. `file` must be a private copy: its header is put right and its log folded in.
/// Throws Failure only when `to` cannot be written or the file cannot be read at all.
Salvage salvage_rows(const std::filesystem::path& file, Database& to);

} // namespace limbeck
