// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/store_runs.h"

#include <algorithm>
#include <limits>

#include "backend/project/failure.h"
#include "backend/project/schema.h"
#include "backend/project/store_metrics.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

ExperimentConfig parse_config(Database& database, const std::string& json, const std::string& whose) {
    auto config = config_from_json(json);
    if (!config)
        fail(ErrorKind::document,
             "The configuration of " + whose + " in the project " + database.name() +
                 " cannot be read: " + config.error().message,
             config.error().detail);
    return std::move(*config);
}

Row row_of(const RunRecord& run) {
    return {run.id,
            run.group,
            std::string(to_string(run.role)),
            run.name,
            std::string(to_string(run.state)),
            to_json(run.config),
            optional_value(run.parent),
            optional_value(run.baseline),
            optional_value(run.teacher),
            run.teacher_weights,
            run.dataset_fingerprint,
            run.device,
            run.threads,
            run.step,
            run.total_steps,
            run.epoch,
            run.total_epochs,
            run.error,
            run.created,
            run.finished,
            real_value(run.seconds)};
}

template <class T>
T known(Database& database, RunId run, const char* what, const std::string& text,
        const std::optional<T>& value) {
    if (!value)
        fail(ErrorKind::document, "Run " + std::to_string(run) + " of the project " + database.name() +
                                      " has the " + what + " \"" + text +
                                      "\", which this Limbeck does not know.");
    return *value;
}

RunRecord record_of(Database& database, const Row& row) {
    RowReader reader(run_table.name, row);
    RunRecord run;
    run.id = reader.integer();
    run.group = reader.integer();
    const std::string role = reader.text();
    run.role = known(database, run.id, "role", role, parse_role(role));
    run.name = reader.text();
    const std::string state = reader.text();
    run.state = known(database, run.id, "state", state, parse_run_state(state));
    run.config = parse_config(database, reader.text(), "run " + std::to_string(run.id));
    run.parent = reader.optional_integer();
    run.baseline = reader.optional_integer();
    run.teacher = reader.optional_integer();
    run.teacher_weights = reader.text();
    run.dataset_fingerprint = reader.text();
    run.device = reader.text();
    run.threads = reader.integer();
    run.step = reader.integer();
    run.total_steps = reader.integer();
    run.epoch = reader.integer();
    run.total_epochs = reader.integer();
    run.error = reader.text();
    run.created = reader.text();
    run.finished = reader.text();
    run.seconds = reader.real();
    return run;
}

/// What a run has in tables of its own: most runs have none of it.
void write_extras(Database& database, const RunRecord& run) {
    for (const Table* table : {&run_stage_table, &further_teacher_table})
        refuse_if_damaged(database, *table, {run.id});
    for (const char* sql : {"DELETE FROM run_stage WHERE run=?", "DELETE FROM further_teacher WHERE run=?"})
        database.prepare(sql).bind_all({run.id}).run();
    if (run.stage != 0) write_row(database, run_stage_table, {run.id, run.stage});
    std::int64_t position = 0;
    for (const TeacherLink& teacher : run.more_teachers)
        write_row(database, further_teacher_table,
                  {run.id, ++position, optional_value(teacher.run), teacher.weights});
}

/// Whether rows beside the one in `run` may belong to it: of a plain scheme with one teacher there are none.
bool may_have_extras(const RunRecord& run) {
    return run.role == Role::assistant || run.config.distillation.scheme == "born-again" ||
           !run.config.teacher.more.empty();
}

void read_extras(Database& database, RunRecord& run) {
    for (const Table* table : {&run_stage_table, &further_teacher_table})
        if (database.damage.incomplete.contains(table) && may_have_extras(run))
            fail(ErrorKind::document, "it is left out: rows of the damaged table \"" +
                                          std::string(table->name) + "\" may belong to it");
    if (!has_table(database, run_stage_table)) return; // an older file, open for viewing
    if (const auto row = find_row(database, run_stage_table, "WHERE run=?", {run.id}, false)) {
        RowReader reader(run_stage_table.name, *row);
        reader.integer();
        run.stage = reader.integer();
    }
    each_row(database, further_teacher_table, "WHERE run=? ORDER BY position", {run.id}, [&](const Row& row) {
        RowReader reader(further_teacher_table.name, row);
        reader.integer(); // run
        reader.integer(); // position
        TeacherLink& teacher = run.more_teachers.emplace_back();
        teacher.run = reader.optional_integer();
        teacher.weights = reader.text();
    });
}

[[noreturn]] void fail_no_run(Database& database, RunId id) {
    fail(ErrorKind::usage, "The project " + database.name() + " has no run " + std::to_string(id) + ".");
}

/// last + 1; throws Failure when there is none, as in a file that somebody wrote so.
std::int64_t number_after(const Database& database, std::int64_t last, const std::string& what) {
    if (last == std::numeric_limits<std::int64_t>::max())
        fail(ErrorKind::document, "The project " + database.name() + " has a " + what + " with the number " +
                                      std::to_string(last) +
                                      ", the largest that there is: another one cannot be numbered. Begin a "
                                      "new project with this one's settings.");
    return last + 1;
}

} // namespace

std::int64_t next_number(Database& database, const Table& table, std::size_t column,
                         const std::string& what) {
    std::int64_t last = 0;
    if (database.damage.rows.empty())
        last = database.integer("SELECT ifnull(max(" + std::string(table.columns[column].name) +
                                "), 0) FROM " + std::string(table.name));
    else // a damaged number may be as large as can be
        each_whole_row(database, table, "", {},
                       [&](const Row& row) { last = std::max(last, std::get<std::int64_t>(row[column])); });
    return number_after(database, last, what);
}

std::optional<std::string> find_setting(Database& database, const std::string& name) {
    const auto row = find_row(database, setting_table, "WHERE name=?", {name});
    if (!row) return std::nullopt;
    RowReader reader(setting_table.name, *row);
    reader.text();
    return reader.text();
}

void write_setting(Database& database, const std::string& name, const std::string& value) {
    write_row(database, setting_table, {name, value});
}

ExperimentConfig load_config(Database& database) {
    const auto json = find_setting(database, "configuration");
    if (!json)
        fail(ErrorKind::document, "The project " + database.name() +
                                      " is damaged: it has no configuration. Use a copy of it from before.");
    return parse_config(database, *json, "the experiment");
}

LeftOut load_left_out(Database& database) {
    LeftOut left_out;
    if (const auto to = find_setting(database, "left_out_weights_to"))
        left_out.weights_to = parse_integer(*to).value_or(0);
    left_out.data_references = find_setting(database, "left_out_data_references").has_value();
    return left_out;
}

RunRecord read_run_row(Database& database, const Row& row) {
    return record_of(database, row);
}

std::vector<RunRecord> load_runs(Database& database,
                                 const std::function<void(RunId, const Error&)>& left_out) {
    std::vector<RunRecord> runs;
    each_whole_row(database, run_table, "ORDER BY id", {}, [&](const Row& row) {
        try {
            RunRecord run = record_of(database, row);
            read_extras(database, run);
            runs.push_back(std::move(run));
        } catch (const DamagedFile&) {
            throw;
        } catch (const Failure& problem) {
            const auto* id = std::get_if<RunId>(&row[0]);
            if (left_out) left_out(id ? *id : 0, problem.error());
        }
    });
    return runs;
}

RunRecord load_run(Database& database, RunId id) {
    const auto row = find_row(database, run_table, "WHERE id=?", {id});
    if (!row) fail_no_run(database, id);
    RunRecord run = record_of(database, *row);
    read_extras(database, run);
    return run;
}

std::set<RunId> runs_under_way(Database& database) {
    std::set<RunId> ids;
    each_whole_row(database, run_table, "", {}, [&](const Row& row) {
        RowReader reader(run_table.name, row);
        const RunId id = reader.integer();
        reader.integer(); // group_id
        reader.text();    // role
        reader.text();    // name
        const auto state = parse_run_state(reader.text());
        if (state == RunState::running || state == RunState::paused) ids.insert(id);
    });
    return ids;
}

void require_run(Database& database, RunId id) {
    if (!database.prepare("SELECT 1 FROM run WHERE id=?").bind_all({id}).step()) fail_no_run(database, id);
}

RunId add_run(Database& database, RunRecord record) {
    // Counted apart from the rows, so that the number of a removed run never names another one.
    const auto next = parse_integer(find_setting(database, "next_run").value_or(""));
    if (!next)
        fail(ErrorKind::document,
             "The project " + database.name() + " is damaged: its next_run is no number.");
    record.id = *next;
    write_setting(database, "next_run", std::to_string(number_after(database, *next, "next run")));
    write_row(database, run_table, row_of(record));
    write_extras(database, record);
    return record.id;
}

void update_run(Database& database, const RunRecord& record) {
    require_run(database, record.id);
    write_run(database, record);
}

void write_run(Database& database, const RunRecord& record) {
    write_row(database, run_table, row_of(record));
    write_extras(database, record);
}

void remove_run(Database& database, RunId id) {
    require_run(database, id);
    for (const Table* table : {&run_table, &series_table, &event_table, &checkpoint_table, &run_stage_table,
                               &further_teacher_table})
        refuse_if_damaged(database, *table, {id});
    remove_points(database, id);
    for (const char* sql : {"DELETE FROM event WHERE run=?", "DELETE FROM checkpoint WHERE run=?",
                            "DELETE FROM run_stage WHERE run=?", "DELETE FROM further_teacher WHERE run=?",
                            "DELETE FROM run WHERE id=?"})
        database.prepare(sql).bind_all({id}).run();
}

std::int64_t add_event(Database& database, RunEvent event) {
    require_run(database, event.run);
    event.id = next_number(database, event_table, 1, "change");
    while (database.damage.touching(event_table, {event.run, event.id}))
        event.id = number_after(database, event.id, "change");
    write_row(database, event_table,
              {event.run, event.id, event.step, event.what, real_value(event.from), real_value(event.to),
               event.time});
    return event.id;
}

void update_event(Database& database, const RunEvent& event) {
    if (!database.prepare("SELECT 1 FROM event WHERE run=? AND id=?").bind_all({event.run, event.id}).step())
        fail(ErrorKind::internal, "Run " + std::to_string(event.run) + " of the project " + database.name() +
                                      " has no event " + std::to_string(event.id) + ".");
    write_row(database, event_table,
              {event.run, event.id, event.step, event.what, real_value(event.from), real_value(event.to),
               event.time});
}

std::vector<RunEvent> load_events(Database& database, RunId run) {
    std::vector<RunEvent> events;
    each_row(database, event_table, "WHERE run=? ORDER BY step, id", {run}, [&](const Row& row) {
        RowReader reader(event_table.name, row);
        RunEvent& event = events.emplace_back();
        event.run = reader.integer();
        event.id = reader.integer();
        event.step = reader.integer();
        event.what = reader.text();
        event.from = reader.real();
        event.to = reader.real();
        event.time = reader.text();
    });
    return events;
}

void put_checkpoint(Database& database, const CheckpointRecord& record) {
    require_run(database, record.run);
    std::vector<std::string> objects{record.weights};
    if (!record.state.empty()) objects.push_back(record.state);
    for (const std::string& object : objects)
        if (!database.prepare("SELECT 1 FROM object WHERE sha256=?").bind_all({object}).step())
            fail(ErrorKind::internal, "A checkpoint of run " + std::to_string(record.run) +
                                          " names the object \"" + object + "\", which the project " +
                                          database.name() + " does not have.");
    write_row(database, checkpoint_table,
              {record.run, record.kind, record.step, record.epoch, record.weights, record.state});
}

CheckpointRecord checkpoint_of(const Row& row) {
    RowReader reader(checkpoint_table.name, row);
    CheckpointRecord record;
    record.run = reader.integer();
    record.kind = reader.text();
    record.step = reader.integer();
    record.epoch = reader.integer();
    record.weights = reader.text();
    record.state = reader.text();
    return record;
}

std::optional<CheckpointRecord> find_checkpoint(Database& database, RunId run, const std::string& kind) {
    const auto row = find_row(database, checkpoint_table, "WHERE run=? AND kind=?", {run, kind});
    if (!row) return std::nullopt;
    return checkpoint_of(*row);
}

} // namespace limbeck
