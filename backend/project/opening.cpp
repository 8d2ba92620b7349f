// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctime>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/file_system.h"
#include "backend/project/log_check.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/rebuild.h"
#include "backend/project/replace.h"
#include "backend/project/salvage.h"
#include "backend/project/schema.h"
#include "backend/project/store_runs.h"

// Opening a database for writing and for viewing, and what is done when it is damaged: a viewer gets what
// reads whole, a writer is refused where its writing could make things worse.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Looks at pages, tables and rows. Fills database.damage; gives SQLite's words where pages are damaged.
std::string look_at(Database& database) {
    const ReadScope scope(database);
    std::string complaint = find_page_damage(database);
    if (!complaint.empty()) return complaint;
    check_schema(database);
    // Chunks of points can be many; the rows of `series` tell how many there must be.
    std::vector<const Table*> tables = tables_of(database);
    std::erase(tables, &metric_chunk_table);
    note_damaged_rows(database, tables);
    return database.damage.misordered ? "rows are not in the order of their keys" : "";
}

/// As look_at(), also where SQLite refuses to read at all.
std::string assess(Database& database) {
    try {
        return look_at(database);
    } catch (const DamagedFile& damage) {
        return damage.error().detail;
    }
}

[[noreturn]] void refuse_writing(const std::string& name, const std::string& what,
                                 const std::string& detail) {
    fail(ErrorKind::document,
         "The project " + name + " cannot be opened for writing: " + what +
             " Open it for viewing to see what reads whole, or let limbeck-cli check --repair build it anew "
             "from that; the damaged file is kept.",
         detail);
}

std::pair<std::uintmax_t, std::uintmax_t> identity_of(const fs::path& file) {
    struct stat status {};

    if (::stat(file.c_str(), &status) != 0) return {0, 0};
    return {status.st_dev, status.st_ino};
}

/// A short text for people: SQLite's list of what is wrong can be long.
std::string first_line(const std::string& words) {
    std::size_t from = 0;
    if (words.starts_with("*** in database")) from = std::min(words.find('\n'), words.size() - 1) + 1;
    return words.substr(from, std::min<std::size_t>(words.find('\n', from) - from, 200));
}

std::string name_with_date(const char* stem) {
    char date[32] = "";
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(date, sizeof date, "%Y-%m-%dT%H%M%SZ", &utc);
    return std::string(stem) + date;
}

} // namespace

void Project::State::describe_damage() {
    for (const DamagedRow& damaged : database->damage.rows)
        damage.push_back(
            {row_text(*damaged.table, damaged.row), "does not fit its check sum: " + consequence(damaged)});
    if (!database->damage.incomplete.empty()) {
        std::string names;
        for (const Table* table : all_tables())
            if (database->damage.incomplete.contains(table))
                names += (names.empty() ? "" : ", ") + std::string(table->name);
        damage.push_back(
            {"project.limbeck", "pages cannot be read; of these tables rows may be missing: " + names});
    }
    // Rows whose check sums are right and that this Limbeck does not understand.
    const ReadScope scope(*database);
    load_runs(*database, [&](RunId run, const Error& error) {
        if (database->damage.touching(run_stage_table, {run}) ||
            database->damage.touching(further_teacher_table, {run}))
            return;
        damage.push_back({"run " + std::to_string(run), error.message});
    });
    if (database->damage.touching(setting_table, {std::string("configuration")})) return;
    if (const auto read = attempt("reading the configuration", [&] { return load_config(*database); }); !read)
        damage.push_back({"configuration", read.error().message});
}

void Project::State::start_journal() {
    if (network) {
        // Each save stands in the file when it is done, and every machine's locks are those of the file.
        database->text("PRAGMA journal_mode=TRUNCATE");
        database->text("PRAGMA locking_mode=NORMAL");
        database->integer("SELECT count(*) FROM setting"); // the exclusive lock goes with the next access
        notices.push_back(
            "The folder " + name + " lies on a network (" + *network +
            "): it is written without a write-ahead log, which makes each save slower. One program "
            "at a time can write it, from one machine.");
    } else {
        database->text("PRAGMA journal_mode=WAL");
    }
    identity = identity_of(folder / project_file_name);
}

void Project::State::open_writer(const fs::path& file) {
    lock.emplace(WriteLock::acquire(folder, name));
    network = network_file_system(folder);
    if (const auto lost = find_log_damage(file)) {
        // SQLite reads the log up to there and then forgets it.
        fs::path log = file;
        log += "-wal";
        const fs::path kept = folder / (name_with_date("project.damaged-") + ".limbeck-wal");
        write_durably(kept, [&](File& target) {
            hash_file(log, [&](std::span<const std::byte> piece) { target.write(piece); });
        });
        damage.push_back({"project.limbeck-wal", *lost + "; the log is kept as " + kept.filename().string()});
    }
    database = std::make_unique<Database>(file, Database::Mode::write, name, network.has_value());
    database->checkpoint_on_close(false); // a refusal changes nothing
    if (const std::string complaint = assess(*database); !complaint.empty())
        refuse_writing(name, "parts of its file are damaged.", "SQLite: " + complaint);
    for (const DamagedRow& damaged : database->damage.rows)
        if (damaged.table == &setting_table)
            refuse_writing(
                name, "its row " + key_text(setting_table, damaged.row) + " of table \"setting\" is damaged.",
                {});
    if (database->integer("PRAGMA user_version") < project_schema_version) {
        if (!database->damage.empty()) refuse_writing(name, "it has an older format, and damaged rows.", {});
        if (database->text("PRAGMA journal_mode=DELETE") != "delete")
            fail(ErrorKind::document,
                 "The project " + name +
                     " has an older format, and another program has it open, so that it cannot be "
                     "brought to this one. Close it there.");
        database.reset();
        migrate_on_a_copy(file, name);
        database = std::make_unique<Database>(file, Database::Mode::write, name, network.has_value());
        if (const std::string complaint = assess(*database); !complaint.empty())
            refuse_writing(name, "parts of its file are damaged.", "SQLite: " + complaint);
    }
    database->checkpoint_on_close(true);
    start_journal();
    left_behind = runs_under_way(*database);
    describe_damage();
}

void Project::State::open_viewer(const fs::path& file, bool write_ahead_log) {
    network = network_file_system(folder);
    if (!writer_of(folder))
        if (const auto lost = find_log_damage(file)) damage.push_back({"project.limbeck-wal", *lost});
    const bool copied = needs_private_copy(file, write_ahead_log) || (network && write_ahead_log);
    if (copied) copy.emplace(file, name);
    std::string complaint;
    try {
        database = std::make_unique<Database>(copied ? copy->database() : file,
                                              copied ? Database::Mode::write : Database::Mode::view, name);
        complaint = look_at(*database);
    } catch (const DamagedFile& broken) {
        complaint = broken.error().detail;
    }
    if (complaint.empty()) {
        if (copied) database->execute("PRAGMA query_only=ON");
        if (!copied) identity = identity_of(file);
    } else {
        damage.push_back({"project.limbeck", "its pages are damaged: " + first_line(complaint)});
        database.reset();
        open_salvage(file);
    }
    describe_damage();
}

void Project::State::open_salvage(const fs::path& file) {
    salvaged = true;
    copy.reset();
    copy.emplace(file, name);
    const fs::path target = copy->database().parent_path() / "whole.limbeck";
    database = std::make_unique<Database>(target, Database::Mode::create, name);
    database->text("PRAGMA journal_mode=MEMORY"); // it goes with the copy: nothing of it need last
    database->execute("PRAGMA synchronous=OFF");
    {
        WriteScope scope(*database);
        create_schema(*database);
        scope.commit();
    }
    Salvage salvage = salvage_rows(copy->database(), *database);
    std::set<std::int64_t> runs;
    each_row(*database, run_table, "", {},
             [&](const Row& row) { runs.insert(std::get<std::int64_t>(row[0])); });
    find_owners(salvage.damaged, runs);
    database->damage.rows = std::move(salvage.damaged);
    database->damage.incomplete = std::move(salvage.incomplete);
    database->execute("PRAGMA query_only=ON");
}

} // namespace limbeck
