// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/salvage.h"

#include <memory>
#include <optional>
#include <sstream>
#include <system_error>

#include "backend/project/carve.h"
#include "backend/project/failure.h"
#include "backend/project/schema.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Takes rows in, the first of each key.
class Collector {
  public:
    Collector(Database& to, Salvage& salvage) : to_(to), salvage_(salvage) {}

    void take(const Table& table, const Row& row, const Value& crc) {
        if (is_whole(table, row, crc)) {
            if (!has_row(to_, table, row)) {
                write_row(to_, table, row);
                ++salvage_.rows;
            }
        } else {
            note(table, row, crc);
        }
    }

    /// A record of which nothing says whose it is: its check sum does, which holds the table's name.
    void take(Row&& cells) {
        if (cells.empty()) return;
        const Value crc = cells.back();
        cells.pop_back();
        for (const Table* table : all_tables()) {
            if (table->columns.size() != cells.size()) continue;
            Row row = cells;
            as_columns(*table, row);
            if (is_whole(*table, row, crc)) return take(*table, row, crc);
        }
        for (const Table* table : all_tables()) {
            if (table->columns.size() != cells.size()) continue;
            Row row = cells;
            as_columns(*table, row);
            if (fits_columns(*table, row)) return note(*table, row, crc);
        }
    }

  private:
    static bool is_real(const Column& column) { return column.type.starts_with("REAL"); }

    /// SQLite stores a REAL that is an integer as one.
    static void as_columns(const Table& table, Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i)
            if (const auto* integer = std::get_if<std::int64_t>(&row[i]);
                integer && is_real(table.columns[i]))
                row[i] = static_cast<double>(*integer);
    }

    static bool fits_columns(const Table& table, const Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string_view type = table.columns[i].type;
            if (std::holds_alternative<std::monostate>(row[i]) && type.find("NOT NULL") == type.npos)
                continue;
            const bool fits = type.starts_with("INTEGER") ? std::holds_alternative<std::int64_t>(row[i])
                              : type.starts_with("REAL")  ? std::holds_alternative<double>(row[i])
                              : type.starts_with("TEXT")  ? std::holds_alternative<std::string>(row[i])
                                                          : std::holds_alternative<Blob>(row[i]);
            if (!fits) return false;
        }
        return true;
    }

    void note(const Table& table, const Row& row, const Value& crc) {
        // Rubble that SQLite took for a row: nobody can tell which one it was.
        if (!fits_columns(table, row)) {
            salvage_.incomplete.insert(&table);
            return;
        }
        for (const DamagedRow& known : salvage_.damaged)
            if (known.table == &table && known.row == row) return;
        const auto* number = std::get_if<std::int64_t>(&crc);
        Row key(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key_columns));
        salvage_.damaged.push_back({&table, row, number ? *number : -1, std::move(key)});
    }

    Database& to_;
    Salvage& salvage_;
};

/// Rows as SQLite gives them, until it comes upon damage.
void scan_table(Database& from, const Table& table, Collector& collector, Salvage& salvage) {
    for (const bool last_first : {false, true}) {
        Row last;
        try {
            each_row_as_it_is(from, table, last_first, [&](const Row& row, const Value& crc) {
                const Row key(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key_columns));
                if (!last_first && !last.empty() && !(last < key)) salvage.misordered = true;
                last = key;
                collector.take(table, row, crc);
            });
            return; // to the end: the other way gives nothing more
        } catch (const Failure&) {
            salvage.incomplete.insert(&table);
        }
    }
}

std::string quick_check(Database& database, const std::string& of) {
    try {
        return database.text("PRAGMA quick_check" + of);
    } catch (const Failure& damage) {
        return damage.error().detail;
    }
}

/// Complaints that no row can be lost by: the list of free pages is not part of any table.
bool only_of_free_pages(const std::string& complaint) {
    std::istringstream lines(complaint);
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with("*** in database") && !line.starts_with("Main freelist") &&
            !line.ends_with("is never used"))
            return false;
    return true;
}

void scan_tables(Database& from, Collector& collector, Salvage& salvage) {
    const std::string all = quick_check(from, "(20)");
    if (all != "ok") salvage.complaint = all;
    bool any = false;
    for (const Table* table : tables_of(from)) {
        const std::string one = quick_check(from, "('" + std::string(table->name) + "')");
        if (one != "ok") salvage.incomplete.insert(table);
        any = any || one != "ok";
        scan_table(from, *table, collector, salvage);
    }
    // Something is wrong, and not with one table for itself: two may share pages.
    if (all != "ok" && !any && !only_of_free_pages(all))
        for (const Table* table : all_tables())
            salvage.incomplete.insert(table);
}

} // namespace

Salvage salvage_rows(const fs::path& file, Database& to) {
    Salvage salvage;
    Collector collector(to, salvage);
    WriteScope scope(to);
    fs::path log = file;
    log += "-wal";
    std::error_code ignored;
    salvage.header = mend_header(file, fs::exists(log, ignored));
    try {
        Database from(file, Database::Mode::write, to.name());
        from.execute("PRAGMA synchronous=OFF"); // a private copy
        from.text("PRAGMA journal_mode=DELETE");
        scan_tables(from, collector, salvage);
    } catch (const Failure& damage) {
        salvage.complaint = damage.error().detail.empty() ? damage.error().message : damage.error().detail;
        for (const Table* table : all_tables())
            salvage.incomplete.insert(table);
    }
    if (!salvage.incomplete.empty() || !salvage.complaint.empty())
        carve_records(file, [&](Row&& cells) { collector.take(std::move(cells)); });
    scope.commit();
    return salvage;
}

} // namespace limbeck
