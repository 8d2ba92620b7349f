// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <sqlite3.h>
#include <utility>

#include "backend/project/failure.h"
#include "backend/project/kept_checkpoints.h"
#include "backend/project/object_store.h"
#include "backend/project/project.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
#include "backend/project/sqlite.h"
#include "backend/project/store_metrics.h"
#include "backend/project/store_runs.h"

// The border of the room: every call opens its scope, does its work in a store_*.cpp file and turns what was
// thrown into a value.
namespace limbeck {
namespace {

/// Runs `work` on one state of the database.
template <class State, class Work>
auto reading(const char* doing, const State& state, Work&& work) {
    return attempt(doing, [&] {
        state.require_in_place();
        Database& database = *state.database;
        const ReadScope scope(database);
        return work();
    });
}

/// Runs `work` as one transaction, or as a part of the one that is open.
template <class Work>
auto writing(Database& database, Work&& work) {
    WriteScope scope(database);
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        work();
        scope.commit();
    } else {
        auto value = work();
        scope.commit();
        return value;
    }
}

} // namespace

Result<ExperimentConfig> Project::config() const {
    return reading("reading the configuration", *state_, [&] { return load_config(*state_->database); });
}

Result<void> Project::save_config(const ExperimentConfig& config) {
    return attempt("saving the configuration", [&] {
        Database& database = state_->writable("Saving the configuration");
        writing(database, [&] { write_setting(database, "configuration", to_json(config)); });
        state_->description.changed();
        state_->describe();
    });
}

// --- runs
// ------------------------------------------------------------------------------------------------------

Result<std::vector<RunRecord>> Project::runs() const {
    return reading("reading the runs", *state_, [&] {
        auto runs = load_runs(*state_->database);
        for (RunRecord& run : runs)
            run = state_->shown(std::move(run));
        return runs;
    });
}

Result<RunRecord> Project::run(RunId id) const {
    return reading("reading a run", *state_, [&] { return state_->shown(load_run(*state_->database, id)); });
}

Result<GroupId> Project::next_group() const {
    return reading("reading the runs", *state_, [&]() -> GroupId {
        return next_number(*state_->database, run_table, 1, "group of runs");
    });
}

Result<RunId> Project::add_run(const RunRecord& record) {
    return attempt("saving a run", [&] {
        Database& database = state_->writable("Adding a run");
        const RunId id = writing(database, [&] { return limbeck::add_run(database, record); });
        state_->description.changed();
        state_->describe();
        return id;
    });
}

Result<void> Project::update_run(const RunRecord& record) {
    return attempt("saving a run", [&] {
        Database& database = state_->writable("Saving a run");
        writing(database, [&] { limbeck::update_run(database, record); });
        state_->left_behind.erase(record.id);
        state_->description.changed(record);
        state_->describe();
    });
}

Result<void> Project::remove_run(RunId id) {
    return attempt("removing a run", [&] {
        Database& database = state_->writable("Removing a run");
        writing(database, [&] { limbeck::remove_run(database, id); });
        state_->description.changed();
        state_->describe();
    });
}

// --- metrics
// ---------------------------------------------------------------------------------------------------

Result<void> Project::append_points(RunId run, std::string_view series, std::span<const MetricPoint> points) {
    return attempt("saving points", [&] {
        Database& database = state_->writable("Saving points");
        if (points.empty()) return;
        writing(database, [&] {
            require_run(database, run);
            limbeck::append_points(database, run, std::string(series), points);
        });
    });
}

Result<std::vector<std::string>> Project::series_of(RunId run) const {
    return reading("reading the series of a run", *state_,
                   [&] { return limbeck::series_of(*state_->database, run); });
}

Result<std::vector<MetricPoint>> Project::points_after(RunId run, std::string_view series,
                                                       std::int64_t step) const {
    return reading("reading points", *state_,
                   [&] { return load_points_after(*state_->database, run, std::string(series), step); });
}

Result<std::vector<MetricPoint>> Project::points(RunId run, std::string_view series) const {
    return reading("reading points", *state_,
                   [&] { return load_points(*state_->database, run, std::string(series)); });
}

Result<std::optional<MetricPoint>> Project::last_point(RunId run, std::string_view series) const {
    return reading("reading points", *state_,
                   [&] { return limbeck::last_point(*state_->database, run, std::string(series)); });
}

Result<void> Project::truncate_points(RunId run, std::int64_t step) {
    return attempt("shortening a run", [&] {
        Database& database = state_->writable("Shortening a run");
        writing(database, [&] {
            refuse_if_damaged(database, event_table, {run});
            limbeck::truncate_points(database, run, step);
            database.prepare("DELETE FROM event WHERE run=? AND step>?").bind_all({run, step}).run();
        });
    });
}

Result<RunSummary> Project::summary(RunId run) const {
    return reading("reading the results of a run", *state_,
                   [&] { return summarize(*state_->database, run); });
}

// --- events
// ----------------------------------------------------------------------------------------------------

Result<std::int64_t> Project::add_event(const RunEvent& event) {
    return attempt("saving an event", [&] {
        Database& database = state_->writable("Saving an event");
        return writing(database, [&] { return limbeck::add_event(database, event); });
    });
}

Result<void> Project::update_event(const RunEvent& event) {
    return attempt("saving an event", [&] {
        Database& database = state_->writable("Saving an event");
        writing(database, [&] { limbeck::update_event(database, event); });
    });
}

Result<std::vector<RunEvent>> Project::events(RunId run) const {
    return reading("reading the events of a run", *state_,
                   [&] { return load_events(*state_->database, run); });
}

// --- weights and states
// ----------------------------------------------------------------------------------------

Result<std::string> Project::put_object(const TensorMap& tensors) {
    return attempt("saving weights", [&] {
        return limbeck::put_object(state_->writable("Saving weights"), state_->objects(), tensors);
    });
}

Result<TensorMap> Project::object(std::string_view sha256) const {
    return attempt("reading weights", [&] {
        state_->require_in_place();
        return load_object(*state_->database, state_->objects(), std::string(sha256));
    });
}

Result<void> Project::put_checkpoint(const CheckpointRecord& record) {
    return attempt("saving a checkpoint", [&] {
        Database& database = state_->writable("Saving a checkpoint");
        writing(database, [&] { limbeck::put_checkpoint(database, record); });
    });
}

Result<std::optional<CheckpointRecord>> Project::checkpoint(RunId run, std::string_view kind) const {
    return reading("reading a checkpoint", *state_,
                   [&] { return find_checkpoint(*state_->database, run, std::string(kind)); });
}

Result<std::vector<CheckpointRecord>> Project::checkpoints(RunId run) const {
    return reading("reading the checkpoints of a run", *state_,
                   [&] { return load_checkpoints(*state_->database, run); });
}

Result<void> Project::limit_kept(RunId run, std::int64_t bytes) {
    return attempt("removing old checkpoints", [&] {
        Database& database = state_->writable("Removing old checkpoints");
        writing(database, [&] { limbeck::limit_kept(database, run, bytes); });
    });
}

Result<std::int64_t> Project::remove_orphans() {
    return attempt("removing unused objects", [&] {
        return limbeck::remove_orphans(state_->writable("Removing unused objects"), state_->objects());
    });
}

void Project::give_back_log() noexcept {
    Database& database = *state_->database;
    if (state_->access != Access::write || database.in_transaction()) return;
    constexpr int at_once = 0, as_ever = 5000; // a viewer that reads the log is not waited for
    database.set_busy_timeout(at_once);
    sqlite3_exec(database.handle(), "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    database.set_busy_timeout(as_ever);
}

// --- the whole
// -------------------------------------------------------------------------------------------------

Result<void> Project::transaction(const std::function<Result<void>()>& work) {
    const std::set<RunId> left_behind = state_->left_behind;
    auto result = attempt("saving several things together", [&] {
        Database& database = state_->writable("Saving several things together");
        writing(database, [&] { value_or_throw(work()); });
        state_->describe();
    });
    if (!result) state_->left_behind = left_behind;
    return result;
}

Result<void> Project::copy_to(const std::filesystem::path& folder,
                              const std::function<void(double)>& progress) const {
    return attempt("copying a project",
                   [&] { copy_project(*state_->database, state_->folder, plain_path(folder), progress); });
}

Result<std::vector<Project::Finding>> Project::remains() const {
    return reading("looking through a project", *state_, [&] {
        const bool written_now = state_->access == Access::write || writer_of(state_->folder).has_value();
        return remains_of(*state_->database, state_->folder, written_now);
    });
}

Result<std::vector<Project::Finding>> Project::verify() const {
    return reading("checking a project", *state_, [&] {
        auto findings = verify_project(*state_->database, state_->objects());
        // What was left out of a salvaged copy, and of a log, is no longer in the database.
        for (const Finding& known : state_->damage)
            if (state_->salvaged || known.where == "project.limbeck-wal")
                findings.insert(findings.begin(), known);
        return findings;
    });
}

std::optional<std::string> Project::take_trouble() {
    return state_->description.take_trouble();
}

Result<LeftOut> Project::left_out() const {
    return reading("reading what was left out of the archive", *state_,
                   [&] { return load_left_out(*state_->database); });
}

} // namespace limbeck
