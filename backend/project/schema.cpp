// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/schema.h"

#include <bit>
#include <cstring>
#include <string_view>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"

namespace limbeck {
namespace {

constexpr std::string_view integer = "INTEGER NOT NULL", optional_integer = "INTEGER", real = "REAL",
                           text = "TEXT NOT NULL", bytes = "BLOB NOT NULL";

/// Numbers of formats beyond it are damage, not the future.
constexpr std::int64_t largest_thinkable_version = 0xFFFF;

std::uint32_t big_endian(const std::vector<std::byte>& header, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | std::to_integer<std::uint32_t>(header[offset + i]);
    return value;
}

} // namespace

const Table setting_table{"setting", {{"name", text}, {"value", text}}, 1};

const Table run_table{"run",
                      {{"id", integer},
                       {"group_id", integer},
                       {"role", text},
                       {"name", text},
                       {"state", text},
                       {"configuration", text},
                       {"parent", optional_integer},
                       {"baseline", optional_integer},
                       {"teacher", optional_integer},
                       {"teacher_weights", text},
                       {"dataset_fingerprint", text},
                       {"device", text},
                       {"threads", integer},
                       {"step", integer},
                       {"total_steps", integer},
                       {"epoch", integer},
                       {"total_epochs", integer},
                       {"error", text},
                       {"created", text},
                       {"finished", text},
                       {"seconds", real}},
                      1};

const Table series_table{
    "series", {{"run", integer}, {"name", text}, {"points", integer}, {"last_step", integer}}, 2};

const Table metric_chunk_table{"metric_chunk",
                               {{"run", integer},
                                {"series", text},
                                {"chunk", integer},
                                {"points", integer},
                                {"first_step", integer},
                                {"last_step", integer},
                                {"data", bytes}},
                               3};

const Table event_table{"event",
                        {{"run", integer},
                         {"id", integer},
                         {"step", integer},
                         {"what", text},
                         {"from_value", real},
                         {"to_value", real},
                         {"time", text}},
                        2};

const Table object_table{"object", {{"sha256", text}, {"bytes", integer}}, 1};

const Table checkpoint_table{"checkpoint",
                             {{"run", integer},
                              {"kind", text},
                              {"step", integer},
                              {"epoch", integer},
                              {"weights", text},
                              {"state", text}},
                             2};

const Table run_stage_table{"run_stage", {{"run", integer}, {"stage", integer}}, 1};

const Table further_teacher_table{
    "further_teacher",
    {{"run", integer}, {"position", integer}, {"teacher", optional_integer}, {"weights", text}},
    2};

const std::array<const Table*, 9>& all_tables() {
    static const std::array<const Table*, 9> tables{
        &checkpoint_table, &event_table,     &further_teacher_table, &metric_chunk_table, &object_table,
        &run_table,        &run_stage_table, &series_table,          &setting_table};
    return tables;
}

bool has_table(Database& database, const Table& table) {
    const bool since_second = &table == &run_stage_table || &table == &further_teacher_table;
    return !since_second || database.integer("PRAGMA user_version") >= 2;
}

std::vector<const Table*> tables_of(Database& database) {
    std::vector<const Table*> tables;
    for (const Table* table : all_tables())
        if (has_table(database, *table)) tables.push_back(table);
    return tables;
}

FileHeader check_file_header(const std::filesystem::path& file, const std::string& name) {
    const std::vector<std::byte> header = read_start(file, 100);
    const std::string refused = "The project " + name + " cannot be opened: ";
    const std::string repair =
        " If it was a project and is damaged, limbeck-cli check --repair looks for what can "
        "be saved.";
    if (header.size() < 100)
        fail(ErrorKind::document, refused + path_text(file.filename()) + " has only " +
                                      std::to_string(header.size()) +
                                      " bytes, so it is cut short or empty. Use a copy of it from before.");
    if (std::memcmp(header.data(), "SQLite format 3", 16) != 0)
        fail(ErrorKind::document,
             refused + path_text(file.filename()) +
                 " is not a project of Limbeck (it is not an SQLite database). Choose a folder "
                 "that Limbeck made, or its project.limbeck." +
                 repair);
    if (big_endian(header, 68) != project_application_id)
        fail(ErrorKind::document,
             refused + path_text(file.filename()) +
                 " is an SQLite database of another program, not of Limbeck. Choose a folder "
                 "that Limbeck made, or its project.limbeck." +
                 repair);
    const std::int64_t version = big_endian(header, 60);
    if (version > project_schema_version)
        fail(ErrorKind::document, refused + "a newer Limbeck wrote it (format " + std::to_string(version) +
                                      "; this one knows format " + std::to_string(project_schema_version) +
                                      "). Open it with that newer version." +
                                      (version > largest_thinkable_version ? repair : ""));
    if (version < first_schema_version)
        fail(ErrorKind::document, refused + "it says that it has format " + std::to_string(version) +
                                      ", which no Limbeck wrote; the first is " +
                                      std::to_string(first_schema_version) + ". It is damaged." + repair);
    const unsigned page = std::to_integer<unsigned>(header[16]) << 8 | std::to_integer<unsigned>(header[17]);
    const bool known_layout = page == 1 || (page >= 512 && std::has_single_bit(page));
    const auto layout = [&](std::size_t at) { return std::to_integer<unsigned>(header[at]); };
    if (!known_layout || layout(18) < 1 || layout(18) > 2 || layout(19) < 1 || layout(19) > 2 ||
        layout(20) != 0 || layout(21) != 64 || layout(22) != 32 || layout(23) != 32 ||
        big_endian(header, 56) != 1)
        fail(ErrorKind::document, refused + "the first bytes of " + path_text(file.filename()) +
                                      ", which tell how it is laid out, are damaged." + repair);
    return {header[18] == std::byte{2} || header[19] == std::byte{2}};
}

void create_schema(Database& database) {
    database.execute("PRAGMA application_id=" + std::to_string(project_application_id) +
                     "; PRAGMA user_version=" + std::to_string(project_schema_version));
    for (const Table* table : all_tables())
        database.execute(create_sql(*table));
}

void migrate_schema(Database& database) {
    const std::int64_t version = database.integer("PRAGMA user_version");
    if (version >= project_schema_version) return;
    WriteScope scope(database);
    for (const Table* table : all_tables())
        if (!has_table(database, *table)) database.execute(create_sql(*table));
    database.execute("PRAGMA user_version=" + std::to_string(project_schema_version));
    scope.commit();
}

std::string find_page_damage(Database& database) {
    try {
        const std::string words = database.text("PRAGMA quick_check(5)");
        return words == "ok" ? "" : words;
    } catch (const DamagedFile& damage) {
        return damage.error().detail;
    }
}

void check_schema(Database& database) {
    std::string expected;
    for (const Table* table : tables_of(database))
        expected += "table " + std::string(table->name) + " " + create_sql(*table) + "\n";
    std::string found;
    Statement statement = database.prepare(
        "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_schema ORDER BY name");
    while (statement.step())
        found += statement.text(0) + "\n";
    const std::int64_t version = database.integer("PRAGMA user_version");
    if (found != expected || database.integer("PRAGMA application_id") != project_application_id ||
        version < first_schema_version || version > project_schema_version)
        fail(ErrorKind::document,
             "The project " + database.name() + " cannot be opened: its tables are not those of format " +
                 std::to_string(version) +
                 ". Another program changed it (views, triggers and other tables are refused), or it is "
                 "damaged. limbeck-cli check --repair saves what rows of Limbeck's are in it.",
             "found:\n" + found);
}

} // namespace limbeck
