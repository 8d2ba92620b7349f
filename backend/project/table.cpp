// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/table.h"

#include <bit>
#include <cstring>
#include <zlib.h>

#include "backend/project/failure.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

class Crc {
  public:
    void tag(char type) { bytes(&type, 1); }

    void number(std::uint64_t value) {
        unsigned char little_endian[8];
        for (int i = 0; i < 8; ++i)
            little_endian[i] = static_cast<unsigned char>(value >> (8 * i));
        bytes(little_endian, sizeof little_endian);
    }

    void sized(char type, const void* data, std::size_t size) {
        tag(type);
        number(size);
        bytes(data, size);
    }

    std::uint32_t value() const { return static_cast<std::uint32_t>(crc_); }

  private:
    void bytes(const void* data, std::size_t size) {
        // Without bytes zlib would start anew.
        if (size > 0) crc_ = ::crc32_z(crc_, static_cast<const Bytef*>(data), size);
    }

    uLong crc_ = ::crc32_z(0, nullptr, 0);
};

std::string column_list(const Table& table) {
    std::string list;
    for (const Column& column : table.columns)
        list += std::string(column.name) + ", ";
    return list + "crc";
}

std::string select_sql(const Table& table, std::string_view condition) {
    return "SELECT " + column_list(table) + " FROM " + std::string(table.name) + " " + std::string(condition);
}

/// Reads the current row; true if its check sum is right.
bool read_row(const Statement& statement, const Table& table, Row& row) {
    const int count = static_cast<int>(table.columns.size());
    row.clear();
    for (int i = 0; i < count; ++i)
        row.push_back(statement.column(i));
    const Value stored = statement.column(count);
    const auto* crc = std::get_if<std::int64_t>(&stored);
    return crc && *crc == static_cast<std::int64_t>(row_crc(table, row));
}

[[noreturn]] void fail_row(Database& database, const Table& table, const std::string& key) {
    fail(ErrorKind::document,
         "The project " + database.name() + " is damaged: the row " + key + " of table \"" +
             std::string(table.name) +
             "\" does not fit its check sum. Use a copy of the project from before; all that "
             "reads without this message is as it was saved.");
}

void fail_if_damaged(Database& database, const Table& table) {
    if (const auto row = database.damaged_rows.find(table.name); row != database.damaged_rows.end())
        fail_row(database, table, row->second);
}

void each_chosen_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
                     const std::function<void(const Row&)>& visit) {
    Statement statement = database.prepare(select_sql(table, condition));
    statement.bind_all(arguments);
    for (Row row; statement.step();) {
        if (!read_row(statement, table, row)) fail_row(database, table, key_text(table, row));
        visit(row);
    }
}

} // namespace

std::string create_sql(const Table& table) {
    std::string sql = "CREATE TABLE " + std::string(table.name) + " (";
    std::string key;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        sql += std::string(column.name) + " " + std::string(column.type) + ", ";
        if (i < table.key_columns) key += (i ? ", " : "") + std::string(column.name);
    }
    // WITHOUT ROWID: one tree a table and no index, whose agreement with the table nothing would check.
    return sql + "crc INTEGER NOT NULL, PRIMARY KEY (" + key + ")) STRICT, WITHOUT ROWID";
}

std::uint32_t row_crc(const Table& table, const Row& row) {
    Crc crc;
    crc.sized('t', table.name.data(), table.name.size());
    for (const Value& value : row) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            crc.tag('i');
            crc.number(static_cast<std::uint64_t>(*integer));
        } else if (const auto* real = std::get_if<double>(&value)) {
            crc.tag('r');
            crc.number(std::bit_cast<std::uint64_t>(*real));
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            crc.sized('t', text->data(), text->size());
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            crc.sized('b', blob->data(), blob->size());
        } else {
            crc.tag('n');
        }
    }
    return crc.value();
}

std::string key_text(const Table& table, const Row& row) {
    std::string words;
    for (std::size_t i = 0; i < table.key_columns && i < row.size(); ++i) {
        words += (i ? ", " : "") + std::string(table.columns[i].name) + "=";
        if (const auto* integer = std::get_if<std::int64_t>(&row[i])) words += std::to_string(*integer);
        // A damaged key can hold anything; errors stay short and UTF-8.
        if (const auto* text = std::get_if<std::string>(&row[i]))
            words += is_utf8(*text) && text->size() <= 80 ? *text : "(unreadable)";
    }
    return words;
}

void write_row(Database& database, const Table& table, const Row& row) {
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        places += "?, ";
    Statement statement = database.prepare("REPLACE INTO " + std::string(table.name) + " (" +
                                           column_list(table) + ") VALUES (" + places + "?)");
    statement.bind_all(row);
    statement.bind(static_cast<int>(row.size()) + 1, static_cast<std::int64_t>(row_crc(table, row)));
    statement.run();
}

void note_damaged_rows(Database& database, const Table& table) {
    each_row_unchecked(database, table, [&](const Row& row, bool whole) {
        if (!whole) database.damaged_rows.emplace(table.name, key_text(table, row));
    });
}

void each_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
              const std::function<void(const Row&)>& visit) {
    each_chosen_row(database, table, condition, arguments, visit);
    fail_if_damaged(database, table);
}

std::optional<Row> find_row(Database& database, const Table& table, std::string_view condition,
                            const Row& arguments) {
    std::optional<Row> found;
    each_chosen_row(database, table, condition, arguments, [&](const Row& row) {
        if (!found) found = row;
    });
    if (!found) fail_if_damaged(database, table);
    return found;
}

void each_row_unchecked(Database& database, const Table& table,
                        const std::function<void(const Row&, bool)>& visit) {
    Statement statement = database.prepare(select_sql(table, ""));
    for (Row row; statement.step();) {
        const bool whole = read_row(statement, table, row);
        visit(row, whole);
    }
}

} // namespace limbeck
