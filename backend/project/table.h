// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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

/// Adds the row or replaces the one with the same key.
void write_row(Database& database, const Table& table, const Row& row);

/// Looks at every row once, so that one whose key is damaged is missed by nobody: see each_row and find_row.
void note_damaged_rows(Database& database, const Table& table);

/// Rows that `condition` ("WHERE run=? ORDER BY chunk") chooses. A row with a wrong check sum throws Failure
/// that names table and key; so does any noted in this table, for it may be one of those asked for.
void each_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
              const std::function<void(const Row&)>& visit);
/// The first row; throws as above, but because of a noted one only when there is no other.
std::optional<Row> find_row(Database& database, const Table& table, std::string_view condition,
                            const Row& arguments);

/// All rows, damaged ones too; for checking a whole file.
void each_row_unchecked(Database& database, const Table& table,
                        const std::function<void(const Row&, bool whole)>& visit);

} // namespace limbeck
