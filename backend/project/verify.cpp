// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <set>

#include "backend/project/failure.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
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
            if (!whole)
                findings.push_back({"table " + std::string(table.name) + ", row " + key_text(table, row),
                                    "its content does not fit its check sum"});
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
    std::set<std::string> known;
    each_row_unchecked(database, object_table, [&](const Row& row, bool whole) {
        if (whole) known.insert(std::get<std::string>(row[0]));
    });
    for (const std::string& name : known)
        note_failure(findings, "object " + name, [&] {
            if (hash_file(folder / name) != name)
                findings.push_back({"objects/" + name, "the SHA-256 of its content is not its name"});
        });
    const auto check_reference = [&](const std::string& where, const Value& cell) {
        const auto* name = std::get_if<std::string>(&cell);
        if (name && !name->empty() && !known.contains(*name))
            findings.push_back(
                {where, "names the object \"" + name->substr(0, 64) + "\", which is not there"});
    };
    each_row_unchecked(database, checkpoint_table, [&](const Row& row, bool whole) {
        if (!whole) return;
        check_reference("table checkpoint, row " + key_text(checkpoint_table, row), row[4]);
        check_reference("table checkpoint, row " + key_text(checkpoint_table, row), row[5]);
    });
    each_row_unchecked(database, run_table, [&](const Row& row, bool whole) {
        if (whole) check_reference("table run, row " + key_text(run_table, row), row[9]);
    });
    if (!has_table(database, further_teacher_table)) return;
    each_row_unchecked(database, further_teacher_table, [&](const Row& row, bool whole) {
        if (whole)
            check_reference("table further_teacher, row " + key_text(further_teacher_table, row), row[3]);
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

} // namespace limbeck
