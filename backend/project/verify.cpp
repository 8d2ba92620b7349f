// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
#include "backend/project/sha256.h"
#include "backend/project/store_metrics.h"
#include "backend/project/store_runs.h"

namespace limbeck {
namespace {

using Findings = std::vector<Project::Finding>;

/// Does `work` and notes what it throws: a check goes on after the first damage.
template <class Work>
void note_failure(Findings& findings, const std::string& where, Work&& work) {
    const auto done = attempt("checking a project", work);
    if (done) return;
    const Error& error = done.error();
    findings.push_back(
        {where, error.detail.empty() ? error.message : error.message + " (" + error.detail + ")"});
}

void check_rows(Database& database, const Table& table, Findings& findings) {
    note_failure(findings, "table " + std::string(table.name), [&] {
        each_row_unchecked(database, table, [&](const Row& row, bool whole) {
            if (!whole) findings.push_back({row_text(table, row), "its content does not fit its check sum"});
        });
    });
}

/// Runs that can be read wholly, with all their series.
std::set<std::int64_t> check_runs(Database& database, Findings& findings) {
    std::set<std::int64_t> ids;
    each_row_unchecked(database, run_table, [&](const Row& row, bool) {
        if (const auto* id = std::get_if<std::int64_t>(&row[0])) ids.insert(*id);
    });
    for (const std::int64_t id : ids) {
        const std::string where = "run " + std::to_string(id);
        note_failure(findings, where, [&] {
            load_run(database, id);
            load_events(database, id);
            for (const std::string& series : series_of(database, id))
                note_failure(findings, where + ", series " + series,
                             [&] { load_points(database, id, series); });
        });
    }
    return ids;
}

/// Rows of runs that do not exist: left when a row of `run` was lost.
void check_owners(Database& database, const Table& table, const std::set<std::int64_t>& runs,
                  Findings& findings) {
    std::set<std::int64_t> strangers;
    each_row_unchecked(database, table, [&](const Row& row, bool whole) {
        const auto* run = std::get_if<std::int64_t>(&row[0]);
        if (whole && run && !runs.contains(*run)) strangers.insert(*run);
    });
    for (const std::int64_t run : strangers)
        findings.push_back({"table " + std::string(table.name),
                            "has rows of run " + std::to_string(run) + ", which is missing from table run"});
}

void check_objects(Database& database, const std::filesystem::path& folder, Findings& findings) {
    std::map<std::string, std::int64_t> known;
    each_row_unchecked(database, object_table, [&](const Row& row, bool whole) {
        if (whole) known[std::get<std::string>(row[0])] = std::get<std::int64_t>(row[1]);
    });
    for (const auto& each : known)
        note_failure(findings, "objects/" + each.first, [&] {
            const auto& [name, bytes] = each; // outside, clang 14 would not let the lambda see them
            std::error_code missing;
            if (!is_sha256(name) || !std::filesystem::exists(folder / name, missing)) {
                findings.push_back({"objects/" + name.substr(0, 64), "the file is missing"});
            } else if (const auto size = std::filesystem::file_size(folder / name);
                       size != static_cast<std::uintmax_t>(bytes)) {
                findings.push_back({"objects/" + name, "the file has " + std::to_string(size) +
                                                           " bytes and should have " +
                                                           std::to_string(bytes)});
            } else if (hash_file(folder / name) != name) {
                findings.push_back({"objects/" + name, "the SHA-256 of its content is not its name"});
            }
        });
    const auto check_reference = [&](const std::string& where, const Value& cell) {
        const auto* name = std::get_if<std::string>(&cell);
        if (name && !name->empty() && !known.contains(*name))
            findings.push_back(
                {where, "names the object \"" + name->substr(0, 64) + "\", which is not there"});
    };
    each_row_unchecked(database, checkpoint_table, [&](const Row& row, bool whole) {
        if (!whole) return;
        check_reference(row_text(checkpoint_table, row), row[4]);
        check_reference(row_text(checkpoint_table, row), row[5]);
    });
    each_row_unchecked(database, run_table, [&](const Row& row, bool whole) {
        if (whole) check_reference(row_text(run_table, row), row[9]);
    });
    if (!has_table(database, further_teacher_table)) return;
    each_row_unchecked(database, further_teacher_table, [&](const Row& row, bool whole) {
        if (whole) check_reference(row_text(further_teacher_table, row), row[3]);
    });
}

} // namespace

Findings verify_project(Database& database, const std::filesystem::path& objects) {
    Findings findings;
    note_failure(findings, "project.limbeck", [&] {
        const std::string damage = database.text("PRAGMA integrity_check");
        if (damage != "ok") findings.push_back({"project.limbeck", "SQLite's integrity_check: " + damage});
    });
    for (const Table* table : tables_of(database))
        check_rows(database, *table, findings);
    note_failure(findings, "configuration", [&] { load_config(database); });
    note_failure(findings, "runs", [&] {
        const std::set<std::int64_t> runs = check_runs(database, findings);
        for (const Table* table : {&series_table, &metric_chunk_table, &event_table, &checkpoint_table,
                                   &run_stage_table, &further_teacher_table})
            if (has_table(database, *table)) check_owners(database, *table, runs, findings);
    });
    note_failure(findings, "objects", [&] { check_objects(database, objects, findings); });
    return findings;
}

Findings remains_of(Database& database, const std::filesystem::path& folder, bool written_now) {
    namespace fs = std::filesystem;
    Findings remains;
    const auto shown = [](const std::string& file) {
        const std::string quoted = path_text(file);
        return quoted.substr(1, quoted.size() - 2);
    };
    std::set<std::string> rows, named;
    each_row_unchecked(database, object_table, [&](const Row& row, bool whole) {
        if (whole) rows.insert(std::get<std::string>(row[0]));
    });
    const auto name = [&](const Table& table, std::size_t cell) {
        if (!has_table(database, table)) return;
        each_row_unchecked(database, table, [&](const Row& row, bool) {
            if (const auto* object = std::get_if<std::string>(&row[cell])) named.insert(*object);
        });
    };
    name(run_table, 9);
    name(checkpoint_table, 4);
    name(checkpoint_table, 5);
    name(further_teacher_table, 3);
    for (const std::string& object : rows)
        if (!named.contains(object))
            remains.push_back(
                {"objects/" + object, "no run names it; a writer removes it when it tidies up"});
    std::error_code error;
    for (fs::directory_iterator entry(folder / "objects", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string file = entry->path().filename().native();
        if (is_temporary_name(file))
            remains.push_back({"objects/" + file, "half-written by a program that was killed"});
        else if (!rows.contains(file))
            remains.push_back({"objects/" + shown(file), "no row names this file"});
    }
    error.clear();
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string file = entry->path().filename().native();
        const auto bytes = entry->file_size(error);
        error.clear();
        if (is_temporary_name(file))
            remains.push_back({shown(file), "left by a program that was killed; may be removed"});
        else if (!written_now && file == "project.limbeck-wal" && bytes > 0)
            remains.push_back({file, "the log of a program that was killed; the next writer takes it in"});
        else if (!written_now && file == "project.limbeck-journal" && bytes > 0)
            remains.push_back(
                {file,
                 "the journal of a program that was killed; the next writer takes back what it had begun"});
        else if (file.starts_with("project.format-"))
            remains.push_back(
                {shown(file), "the project as it was before it was brought to this format; may be removed"});
        else if (file.starts_with("project.damaged-"))
            remains.push_back(
                {shown(file),
                 "the damaged database, kept by a repair; may be removed when nothing is missed"});
    }
    std::sort(remains.begin(), remains.end(), [](const auto& a, const auto& b) { return a.where < b.where; });
    return remains;
}

} // namespace limbeck
