// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
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

/// Reads the current row; gives its check sum as it stands there.
Value read_row(const Statement& statement, const Table& table, Row& row) {
    const int count = static_cast<int>(table.columns.size());
    row.clear();
    for (int i = 0; i < count; ++i)
        row.push_back(statement.column(i));
    return statement.column(count);
}

[[noreturn]] void fail_row(Database& database, const Table& table, const std::string& key) {
    fail(ErrorKind::document,
         "The project " + database.name() + " is damaged: the row " + key + " of table \"" +
             std::string(table.name) +
             "\" does not fit its check sum. limbeck-cli check --repair saves what reads whole; all that "
             "reads without this message is as it was saved.");
}

[[noreturn]] void fail_lost(Database& database, const Table& table) {
    fail(ErrorKind::document, "The project " + database.name() + " is damaged: pages of table \"" +
                                  std::string(table.name) +
                                  "\" cannot be read, and what was asked for is not on the others.");
}

Row key_of(const Table& table, const Row& row) {
    return Row(row.begin(),
               row.begin() + static_cast<std::ptrdiff_t>(std::min(table.key_columns, row.size())));
}

void each_chosen_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
                     const std::function<void(const Row&)>& visit) {
    Statement statement = database.prepare(select_sql(table, condition));
    statement.bind_all(arguments);
    for (Row row; statement.step();) {
        const Value crc = read_row(statement, table, row);
        if (!is_whole(table, row, crc)) fail_row(database, table, key_text(table, row));
        visit(row);
    }
}

/// The run that a damaged row belongs to when its check sum fits with that run's number in it.
void find_owner(DamagedRow& damaged, const std::set<std::int64_t>& runs) {
    if (damaged.table->columns[0].name != "run") return;
    Row row = damaged.row;
    for (const std::int64_t run : runs) {
        row[0] = run;
        if (static_cast<std::int64_t>(row_crc(*damaged.table, row)) != damaged.crc) continue;
        damaged.key[0] = run;
        return;
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

const DamagedRow* DamageNotes::touching(const Table& table, const Row& prefix) const {
    const std::size_t length = std::min(prefix.size(), table.key_columns);
    for (const DamagedRow& damaged : rows)
        if (damaged.table == &table && damaged.key.size() >= length &&
            std::equal(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(length),
                       damaged.key.begin()))
            return &damaged;
    return nullptr;
}

bool is_whole(const Table& table, const Row& row, const Value& crc) {
    const auto* number = std::get_if<std::int64_t>(&crc);
    return number && *number == static_cast<std::int64_t>(row_crc(table, row));
}

void refuse_if_damaged(Database& database, const Table& table, const Row& prefix) {
    if (const DamagedRow* damaged = database.damage.touching(table, prefix))
        fail_row(database, table, key_text(table, damaged->row));
}

std::string row_text(const Table& table, const Row& row) {
    return "table " + std::string(table.name) + ", row " + key_text(table, row);
}

bool has_row(Database& database, const Table& table, const Row& key) {
    std::string sql = "SELECT 1 FROM " + std::string(table.name);
    for (std::size_t i = 0; i < table.key_columns; ++i)
        sql += (i ? " AND " : " WHERE ") + std::string(table.columns[i].name) + "=?";
    Statement statement = database.prepare(sql);
    for (std::size_t i = 0; i < table.key_columns; ++i)
        statement.bind(static_cast<int>(i) + 1, key[i]);
    return statement.step();
}

void write_row(Database& database, const Table& table, const Row& row) {
    refuse_if_damaged(database, table, row);
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        places += "?, ";
    Statement statement = database.prepare("REPLACE INTO " + std::string(table.name) + " (" +
                                           column_list(table) + ") VALUES (" + places + "?)");
    statement.bind_all(row);
    statement.bind(static_cast<int>(row.size()) + 1, static_cast<std::int64_t>(row_crc(table, row)));
    statement.run();
}

void note_damaged_rows(Database& database, std::span<const Table* const> tables) {
    std::set<std::int64_t> runs;
    for (const Table* table : tables) {
        Row last;
        each_row_as_it_is(database, *table, false, [&](const Row& row, const Value& crc) {
            Row key = key_of(*table, row);
            // quick_check does not look at the order of keys.
            if (!last.empty() && !(last < key)) database.damage.misordered = true;
            last = key;
            const auto* number = std::get_if<std::int64_t>(&crc);
            if (!is_whole(*table, row, crc))
                database.damage.rows.push_back({table, row, number ? *number : -1, std::move(key)});
            else if (table->name == "run")
                runs.insert(std::get<std::int64_t>(row[0]));
        });
    }
    find_owners(database.damage.rows, runs);
}

void find_owners(std::vector<DamagedRow>& rows, const std::set<std::int64_t>& runs) {
    for (DamagedRow& damaged : rows)
        find_owner(damaged, runs);
}

void each_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
              const std::function<void(const Row&)>& visit) {
    each_chosen_row(database, table, condition, arguments, visit);
    refuse_if_damaged(database, table, arguments);
}

void each_whole_row(Database& database, const Table& table, std::string_view condition, const Row& arguments,
                    const std::function<void(const Row&)>& visit) {
    Statement statement = database.prepare(select_sql(table, condition));
    statement.bind_all(arguments);
    for (Row row; statement.step();) {
        const Value crc = read_row(statement, table, row);
        if (is_whole(table, row, crc)) visit(row);
    }
}

std::optional<Row> find_row(Database& database, const Table& table, std::string_view condition,
                            const Row& arguments, bool must_be_there) {
    std::optional<Row> found;
    each_chosen_row(database, table, condition, arguments, [&](const Row& row) {
        if (!found) found = row;
    });
    if (!found) refuse_if_damaged(database, table, arguments);
    if (!found && must_be_there && database.damage.incomplete.contains(&table)) fail_lost(database, table);
    return found;
}

void each_row_as_it_is(Database& database, const Table& table, bool last_first, const VisitCells& visit) {
    std::string order;
    if (last_first)
        for (std::size_t i = 0; i < table.key_columns; ++i)
            order += (i ? ", " : "ORDER BY ") + std::string(table.columns[i].name) + " DESC";
    Statement statement = database.prepare(select_sql(table, order));
    for (Row row; statement.step();) {
        const Value crc = read_row(statement, table, row);
        visit(row, crc);
    }
}

void each_row_unchecked(Database& database, const Table& table,
                        const std::function<void(const Row&, bool)>& visit) {
    each_row_as_it_is(database, table, false,
                      [&](const Row& row, const Value& crc) { visit(row, is_whole(table, row, crc)); });
}

} // namespace limbeck
