// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/rebuild.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "backend/project/failure.h"
#include "backend/project/mend.h"
#include "backend/project/metric_chunk.h"
#include "backend/project/object_store.h"
#include "backend/project/schema.h"
#include "backend/project/sha256.h"
#include "backend/project/store_metrics.h"
#include "backend/project/store_runs.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

using Report = Project::RepairReport;

/// Damaged rows that one flipped bit explains; the others stay in `damaged`.
void mend_rows(Database& database, std::vector<DamagedRow>& damaged, Report& report) {
    std::erase_if(damaged, [&](const DamagedRow& one) {
        const auto row = mend_row(one);
        if (!row) return false;
        if (!has_row(database, *one.table, *row)) {
            write_row(database, *one.table, *row);
            ++report.rows;
            report.rebuilt.push_back(
                {row_text(*one.table, *row), "one flipped bit was put right; it fits its check sum again"});
        }
        return true;
    });
}

// ---- runs
// ------------------------------------------------------------------------------------------------------

std::set<RunId> first_cells(Database& database, const Table& table) {
    std::set<RunId> ids;
    each_row(database, table, "", {}, [&](const Row& row) { ids.insert(std::get<RunId>(row[0])); });
    return ids;
}

/// Runs of which only curves, changes or weights were found get a record again, so that these can be seen.
void rebuild_runs(Database& database, const std::vector<DamagedRow>& damaged, Report& report) {
    std::set<RunId> named;
    for (const Table* table : {&series_table, &metric_chunk_table, &event_table, &checkpoint_table})
        named.merge(first_cells(database, *table));
    for (const DamagedRow& one : damaged)
        if (one.table == &run_table) named.insert(std::get<RunId>(one.key[0]));
    const std::set<RunId> known = first_cells(database, run_table);
    for (const RunId id : named) {
        if (known.contains(id) || id < 1) continue;
        RunRecord record;
        bool read = false;
        for (const DamagedRow& one : damaged)
            if (one.table == &run_table && one.key[0] == Value{id})
                if (auto old = attempt("", [&] { return read_run_row(database, one.row); })) {
                    record = std::move(*old);
                    read = true;
                }
        if (!read) record.name = "run " + std::to_string(id) + " (its record was lost)";
        record.id = id;
        record.state = RunState::failed;
        record.error =
            read
                ? "The record of this run was damaged: what stands here is what could still be read, and may "
                  "be wrong. Its curves and weights are as they were saved."
                : "The record of this run was lost, its settings with it. Its curves and weights are as "
                  "they were saved.";
        write_run(database, record);
        report.lost.push_back(
            {"run " + std::to_string(id),
             read ? "its record is damaged; what could be read of it was taken over and may be wrong"
                  : "its record is lost (settings, name, state); curves and weights that were found "
                    "have a run of that number again"});
    }
}

void interrupt_runs(Database& database, Report& report) {
    for (const RunId id : runs_under_way(database)) {
        RunRecord record = load_run(database, id);
        record.state = RunState::interrupted;
        write_run(database, record);
        report.rebuilt.push_back(
            {"run " + std::to_string(id), "was left running; it reads interrupted and can be resumed"});
    }
}

// ---- settings
// ------------------------------------------------------------------------------------------------------

void rebuild_settings(Database& database, Report& report) {
    if (!attempt("", [&] { return load_config(database); })) {
        ExperimentConfig config;
        std::string from = "it is as in a new project";
        for (const RunRecord& run : load_runs(database))
            if (run.error.find("was lost") == std::string::npos) {
                config = run.config;
                from = "it is that of run " + std::to_string(run.id) + " now";
            }
        write_setting(database, "configuration", to_json(config));
        report.lost.push_back({"configuration", "what stood in the form is lost; " + from});
        report.rebuilt.push_back({"configuration", from});
    }
    RunId next = 1;
    for (const Table* table :
         {&run_table, &series_table, &metric_chunk_table, &event_table, &checkpoint_table})
        for (const RunId id : first_cells(database, *table))
            if (id < std::numeric_limits<RunId>::max()) next = std::max(next, id + 1);
    const auto stored = parse_integer(find_setting(database, "next_run").value_or(""));
    if (stored && *stored >= next) return;
    write_setting(database, "next_run", std::to_string(next));
    report.rebuilt.push_back({"next_run", "the next run gets the number " + std::to_string(next)});
}

// ---- series
// ----------------------------------------------------------------------------------------------------

using SeriesName = std::pair<RunId, std::string>;

struct Found {
    std::optional<std::int64_t> counted; ///< what its row in `series` says
    std::int64_t last_step = 0;
    std::map<std::int64_t, std::vector<MetricPoint>> chunks;
};

std::string steps_text(std::int64_t after, std::optional<std::int64_t> before) {
    if (after < 0) return before ? "before step " + std::to_string(*before) : "all of it";
    return "after step " + std::to_string(after) +
           (before ? " and before step " + std::to_string(*before) : "");
}

bool is_complete(const Found& found) {
    if (!found.counted || found.chunks.empty()) return false;
    std::int64_t chunk = 0, points = 0;
    for (const auto& [number, content] : found.chunks) {
        if (number != chunk++ || points % static_cast<std::int64_t>(points_per_chunk) != 0) return false;
        points += static_cast<std::int64_t>(content.size());
    }
    return points == *found.counted && found.chunks.rbegin()->second.back().step == found.last_step;
}

void rebuild_series(Database& database, const SeriesName& name, const Found& found, Report& report) {
    const auto& [run, series] = name;
    const std::string where = "run " + std::to_string(run) + ", curve " + series;
    std::vector<MetricPoint> points;
    std::string holes;
    std::int64_t last_chunk = -1, last = -1;
    const auto hole = [&](std::optional<std::int64_t> before) {
        holes += (holes.empty() ? "" : "; ") + steps_text(last, before);
    };
    for (const auto& [chunk, content] : found.chunks) {
        if (content.front().step < last) continue;
        if (chunk != last_chunk + 1) hole(content.front().step);
        last_chunk = chunk;
        last = content.back().step;
        points.insert(points.end(), content.begin(), content.end());
    }
    const auto left = static_cast<std::int64_t>(points.size());
    if (found.counted && left < *found.counted && last < found.last_step) hole(std::nullopt);
    for (const char* sql :
         {"DELETE FROM metric_chunk WHERE run=? AND series=?", "DELETE FROM series WHERE run=? AND name=?"})
        database.prepare(sql).bind_all({run, series}).run();
    if (!points.empty()) append_points(database, run, series, points);
    if (found.counted && left < *found.counted)
        report.lost.push_back({where, std::to_string(*found.counted - left) + " of " +
                                          std::to_string(*found.counted) + " points are lost" +
                                          (holes.empty() ? "" : ": " + holes)});
    else if (!holes.empty())
        report.lost.push_back({where, "points are lost: " + holes});
    if (left > 0)
        report.rebuilt.push_back({where, "its " + std::to_string(left) + " points were counted anew"});
}

void rebuild_all_series(Database& database, Report& report) {
    std::map<SeriesName, Found> all;
    each_row(database, series_table, "", {}, [&](const Row& row) {
        Found& found = all[{std::get<RunId>(row[0]), std::get<std::string>(row[1])}];
        found.counted = std::get<std::int64_t>(row[2]);
        found.last_step = std::get<std::int64_t>(row[3]);
    });
    each_row(database, metric_chunk_table, "", {}, [&](const Row& row) {
        auto points = decode_points(std::get<Blob>(row[6]));
        Found& found = all[{std::get<RunId>(row[0]), std::get<std::string>(row[1])}];
        if (points) found.chunks[std::get<std::int64_t>(row[2])] = std::move(*points);
    });
    for (const auto& [name, found] : all)
        if (!is_complete(found)) rebuild_series(database, name, found, report);
}

// ---- objects
// ----------------------------------------------------------------------------------------------------

std::map<std::string, std::string> named_objects(Database& database) {
    std::map<std::string, std::string> names; // and by whom
    const auto add = [&](const Row& row, std::size_t cell, const std::string& what) {
        const auto& object = std::get<std::string>(row[cell]);
        if (!object.empty())
            names.emplace(object, what + " of run " + std::to_string(std::get<RunId>(row[0])));
    };
    each_row(database, checkpoint_table, "", {}, [&](const Row& row) {
        add(row, 4, "the weights \"" + std::get<std::string>(row[1]) + "\"");
        add(row, 5, "the optimiser's state \"" + std::get<std::string>(row[1]) + "\"");
    });
    each_row(database, run_table, "", {}, [&](const Row& row) { add(row, 9, "the teacher's weights"); });
    each_row(database, further_teacher_table, "", {},
             [&](const Row& row) { add(row, 3, "a teacher's weights"); });
    return names;
}

void rebuild_objects(Database& database, const std::filesystem::path& folder, Report& report) {
    for (const auto& [object, whose] : named_objects(database)) {
        if (!is_sha256(object)) continue;
        const std::filesystem::path file = folder / object;
        std::error_code missing;
        const bool known = has_row(database, object_table, {object});
        if (!std::filesystem::exists(file, missing)) {
            report.lost.push_back(
                {whose, "the file objects/" + object + " is missing; copied back there it counts again"});
        } else if (const auto hash = attempt("", [&] { return hash_file(file); }); !hash || *hash != object) {
            report.lost.push_back(
                {whose, "the file objects/" + object + " is damaged; it was left as it is"});
        } else if (!known) {
            const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(file));
            write_row(database, object_table, {object, bytes});
            report.rebuilt.push_back({whose, "the file objects/" + object + " is whole and counts again"});
        }
    }
}

} // namespace

std::string consequence(const DamagedRow& damaged) {
    const std::string_view table = damaged.table->name;
    const auto text = [&](std::size_t i) {
        const auto* cell = std::get_if<std::string>(&damaged.key[i]);
        return cell && cell->size() <= 80 ? *cell : std::string("?");
    };
    const auto run = [&] {
        const auto* id = std::get_if<std::int64_t>(&damaged.key[0]);
        return "run " + (id ? std::to_string(*id) : std::string("?"));
    };
    if (table == "setting")
        return text(0) == "configuration" ? "the configuration cannot be read"
                                          : "a setting of the project cannot be read";
    if (table == "run") return run() + " is left out";
    if (table == "run_stage" || table == "further_teacher")
        return run() + " is left out, of which it is a part";
    if (table == "series") return "the curve " + text(1) + " of " + run() + " is left out";
    if (table == "event") return "the changes by hand of " + run() + " cannot be read";
    if (table == "checkpoint") return "the weights \"" + text(1) + "\" of " + run() + " cannot be read";
    if (table == "object") return "the weights in objects/" + text(0).substr(0, 16) + "… cannot be read";
    return "points of the curve " + text(1) + " of " + run() + " are lost";
}

void rebuild(Database& database, const std::filesystem::path& objects, Salvage salvage, Report& report) {
    mend_rows(database, salvage.damaged, report);
    for (const DamagedRow& one : salvage.damaged)
        if (one.table != &run_table && one.table != &metric_chunk_table && one.table != &object_table)
            report.lost.push_back(
                {row_text(*one.table, one.row), "does not fit its check sum: " + consequence(one)});
    rebuild_runs(database, salvage.damaged, report);
    interrupt_runs(database, report);
    rebuild_settings(database, report);
    rebuild_all_series(database, report);
    rebuild_objects(database, objects, report);
    if (!salvage.incomplete.empty()) {
        std::string names;
        for (const Table* table : all_tables())
            if (salvage.incomplete.contains(table))
                names += (names.empty() ? "" : ", ") + std::string(table->name);
        report.rebuilt.push_back(
            {"project.limbeck", "rows were read page by page of these tables: " + names});
    }
}

} // namespace limbeck
