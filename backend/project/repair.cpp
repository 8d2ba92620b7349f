// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctime>
#include <map>
#include <set>
#include <system_error>
#include <unistd.h>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/log_check.h"
#include "backend/project/mend.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/rebuild.h"
#include "backend/project/replace.h"
#include "backend/project/salvage.h"
#include "backend/project/schema.h"
#include "backend/project/steps.h"

// A new database from all that reads whole of a damaged one. The old one stays beside it, whatever happens.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

fs::path with_suffix(fs::path file, const char* suffix) {
    return file += suffix;
}

std::string dated_stem() {
    char date[32] = "";
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(date, sizeof date, "%Y-%m-%dT%H%M%SZ", &utc);
    return std::string("project.damaged-") + date;
}

void refuse_newer(const fs::path& file, const std::string& name) {
    const auto header = attempt("reading the header", [&] { return check_file_header(file, name); });
    if (!header && header.error().message.find("a newer Limbeck wrote it") != std::string::npos &&
        header.error().message.find("repair") == std::string::npos)
        throw Failure(header.error());
}

bool is_there(const fs::path& file) {
    std::error_code error;
    return fs::exists(file, error) && fs::file_size(file, error) > 0;
}

/// The old database and its logs under a dated name. Gives that of the database.
fs::path keep_old(const fs::path& file, const std::string& name) {
    const std::string stem = dated_stem();
    if (!is_there(with_suffix(file, "-wal")) && !is_there(with_suffix(file, "-journal")))
        return keep_under(file, stem);
    // With a log: copies of both, since the log must be gone before the new database comes (SQLite would read
    // it into that), and until then the old one in its place must be whole.
    const auto copied = [](const fs::path& from, const fs::path& to) {
        at_step("keep a copy of the old database and its log");
        write_durably(to, [&](File& target) {
            hash_file(from, [&](std::span<const std::byte> piece) { target.write(piece); });
        });
    };
    fs::path kept = file.parent_path() / (stem + ".limbeck");
    for (int number = 2; fs::exists(kept); ++number)
        kept = file.parent_path() / (stem + "-" + std::to_string(number) + ".limbeck");
    for (const char* suffix : {"-wal", "-journal", ""}) // the database last: with it the set is whole
        if (is_there(with_suffix(file, suffix))) copied(with_suffix(file, suffix), with_suffix(kept, suffix));
    at_step("fold the log into the old database");
    const auto folded = attempt("folding in the log", [&] {
        Database old(file, Database::Mode::write, name);
        old.text("PRAGMA journal_mode=DELETE");
    });
    at_step("remove the log");
    for (const char* suffix : {"-wal", "-journal"})
        ::unlink(with_suffix(file, suffix).c_str());
    return kept;
}

void check_result(Database& database) {
    std::string damage = find_page_damage(database);
    check_schema(database);
    for (const Table* table : all_tables())
        each_row_unchecked(database, *table, [&](const Row& row, bool whole) {
            if (!whole) damage += "row " + key_text(*table, row) + " of " + std::string(table->name) + "; ";
        });
    if (!damage.empty())
        fail(ErrorKind::document,
             "The project " + database.name() +
                 " could not be repaired: what was written does not read back as it was. Nothing was "
                 "changed; check "
                 "the disk.",
             damage);
}

} // namespace

Result<Project::RepairReport> Project::repair(const fs::path& path) {
    return attempt("repairing a project", [&] {
        const fs::path file = find_project_file(path);
        const fs::path folder = file.parent_path();
        const std::string name = path_text(folder);
        refuse_newer(file, name);
        const WriteLock lock = WriteLock::acquire(folder, name);
        RepairReport report;
        if (const auto lost = find_log_damage(file)) report.lost.push_back({"project.limbeck-wal", *lost});
        const PrivateCopy copy(file, name);
        const fs::path work = folder / temporary_name();
        try {
            Database database(work, Database::Mode::create, name);
            bool as_before = false;
            {
                WriteScope scope(database);
                create_schema(database);
                Salvage salvage = salvage_rows(copy.database(), database);
                report.rows = salvage.rows;
                if (salvage.rows == 0)
                    fail(ErrorKind::document,
                         "In " + path_text(file) +
                             " is no row of Limbeck's that reads whole: nothing can be built from "
                             "it. It was left as it is. Use a copy of the project from before.",
                         salvage.complaint);
                if (salvage.header)
                    report.rebuilt.push_back(
                        {"project.limbeck", "the first bytes of the file, which tell what it is"});
                as_before = salvage.complaint.empty() && salvage.damaged.empty() &&
                            salvage.incomplete.empty() && !salvage.header && report.lost.empty() &&
                            !salvage.misordered;
                rebuild(database, folder / "objects", std::move(salvage), report);
                scope.commit();
            }
            check_result(database);
            report.changed = !as_before || !report.rebuilt.empty();
        } catch (...) {
            std::error_code ignored;
            for (const char* suffix : {"", "-journal"})
                fs::remove(with_suffix(work, suffix), ignored);
            throw;
        }
        if (!report.changed) {
            std::error_code ignored;
            fs::remove(work, ignored);
            return report;
        }
        report.kept = keep_old(file, name);
        put_in_place(work, file);
        return report;
    });
}

} // namespace limbeck
