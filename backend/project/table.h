// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/sqlite.h"
#include "backend/project/value.h"

/// Tables whose every row carries a check sum, because SQLite alone notices almost no flipped bit. All
/// reading and writing of rows goes through here.
namespace limbeck {

struct Column {
    std::string_view name, type; ///< type as in SQL: "INTEGER NOT NULL"
};

struct Table {
    std::string_view name;
    std::vector<Column> columns; ///< the key's first; the check sum `crc` comes after the last one
    std::size_t key_columns;
};

/// "CREATE TABLE …", exactly as it stands in the file.
std::string create_sql(const Table& table);

/// CRC-32 (as in zlib) over the table's name and all cells, each with its type and length in front:
/// docs/format.md gives the bytes. Moving a row to another key or table changes it too.
std::uint32_t row_crc(const Table& table, const Row& row);

/// "series=train/loss, run=3": the key in words, for errors.
std::string key_text(const Table& table, const Row& row);
/// "table series, row series=train/loss, run=3", for findings.
std::string row_text(const Table& table, const Row& row);

/// Whether there is a row with this key, the first cells of `key`.
bool has_row(Database& database, const Table& table, const Row& key);

/// Adds the row or replaces the one with the same key.
void write_row(Database& database, const Table& table, const Row& row);

/// Looks at every row of these tables once and fills database.damage, so that a row whose key is damaged is
/// missed by nobody: see each_row and find_row.
void note_damaged_rows(Database& database, std::span<const Table* const> tables);

/// Corrects the keys of damaged rows whose check sum fits with another run's number.
void find_owners(std::vector<DamagedRow>& rows, const std::set<std::int64_t>& runs);

/// Throws Failure when a row whose key begins with `prefix` is known to be damaged: before rows are replaced
/// or removed, for damage is never overwritten without a word.
void refuse_if_damaged(Database& database, const Table& table, const Row& prefix);

/// Rows that `condition` ("WHERE run=? ORDER BY chunk") chooses; its first arguments are those of the key, in
/// the key's order. A row with a wrong check sum throws Failure that names table and key; so does one noted
/// under that key.
void each_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
              const std::function<void(const Row&)>& visit);
/// As each_row, but damaged rows are left out: Project::damage() tells of them.
void each_whole_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
                    const std::function<void(const Row&)>& visit);
/// The first row; throws as above, but because of a noted one only when there is no other. With
/// `must_be_there`, one that may have stood on an unreadable page throws too.
std::optional<Row> find_row(Database& database, const Table& table, std::string_view condition,
                            const Row& arguments, bool must_be_there = true);

/// All rows, damaged ones too; for checking a whole file.
void each_row_unchecked(Database& database, const Table& table,
                        const std::function<void(const Row&, bool whole)>& visit);
/// The same with the check sum as it stands there; `last_first`: from the greatest key down.
using VisitCells = std::function<void(const Row&, const Value& crc)>;
void each_row_as_it_is(Database& database, const Table& table, bool last_first, const VisitCells& visit);

/// Whether the check sum that was read is that of the row.
bool is_whole(const Table& table, const Row& row, const Value& crc);

} // namespace limbeck
