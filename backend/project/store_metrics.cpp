// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/store_metrics.h"

#include <algorithm>

#include "backend/project/failure.h"
#include "backend/project/metric_chunk.h"
#include "backend/project/schema.h"

namespace limbeck {
namespace {

struct SeriesRow {
    std::int64_t points = 0, last_step = 0;
};

constexpr auto chunk_size = static_cast<std::int64_t>(points_per_chunk);

std::optional<SeriesRow> find_series(Database& database, RunId run, const std::string& series) {
    const auto row = find_row(database, series_table, "WHERE run=? AND name=?", {run, series});
    if (!row) return std::nullopt;
    RowReader reader(series_table.name, *row);
    reader.integer();
    reader.text();
    SeriesRow found;
    found.points = reader.integer();
    found.last_step = reader.integer();
    return found;
}

[[noreturn]] void fail_chunk(Database& database, RunId run, const std::string& series, std::int64_t chunk) {
    fail(ErrorKind::document,
         "The project " + database.name() + " is damaged: chunk " + std::to_string(chunk) +
             " of the series \"" + series + "\" of run " + std::to_string(run) +
             " is missing or not as it was written. limbeck-cli check --repair saves what reads whole.");
}

/// The chunks from `first` on, appended to `points`; every one must be there.
void load_chunks(Database& database, RunId run, const std::string& series, const SeriesRow& row,
                 std::int64_t first, std::vector<MetricPoint>& points) {
    std::int64_t chunk = first;
    each_row(database, metric_chunk_table, "WHERE run=? AND series=? AND chunk>=? ORDER BY chunk",
             {run, series, first}, [&](const Row& cells) {
                 RowReader reader(metric_chunk_table.name, cells);
                 reader.integer();
                 reader.text();
                 const bool in_turn = reader.integer() == chunk;
                 const std::int64_t count = reader.integer();
                 reader.integer();
                 reader.integer();
                 const auto decoded = decode_points(reader.blob());
                 const std::int64_t wanted = std::min(chunk_size, row.points - chunk * chunk_size);
                 if (!in_turn || !decoded || count != wanted ||
                     static_cast<std::int64_t>(decoded->size()) != wanted)
                     fail_chunk(database, run, series, chunk);
                 points.insert(points.end(), decoded->begin(), decoded->end());
                 ++chunk;
             });
    if (chunk * chunk_size < row.points) fail_chunk(database, run, series, chunk);
}

void write_chunk(Database& database, RunId run, const std::string& series, std::int64_t chunk,
                 std::span<const MetricPoint> points) {
    write_row(database, metric_chunk_table,
              {run, series, chunk, static_cast<std::int64_t>(points.size()), points.front().step,
               points.back().step, encode_points(points)});
}

} // namespace

void append_points(Database& database, RunId run, const std::string& series,
                   std::span<const MetricPoint> points) {
    SeriesRow row = find_series(database, run, series).value_or(SeriesRow{});
    std::int64_t chunk = row.points / chunk_size;
    std::vector<MetricPoint> tail;
    if (row.points % chunk_size != 0) load_chunks(database, run, series, row, chunk, tail);
    for (const MetricPoint& point : points) {
        if (row.points > 0 && point.step < row.last_step)
            fail(ErrorKind::internal, "Saving the series \"" + series + "\" of run " + std::to_string(run) +
                                          " failed: a point of step " + std::to_string(point.step) +
                                          " came after one of step " + std::to_string(row.last_step) + ".");
        row.last_step = point.step;
        ++row.points;
        tail.push_back(point);
        if (tail.size() == points_per_chunk) {
            write_chunk(database, run, series, chunk++, tail);
            tail.clear();
        }
    }
    if (!tail.empty()) write_chunk(database, run, series, chunk, tail);
    write_row(database, series_table, {run, series, row.points, row.last_step});
}

std::vector<std::string> series_of(Database& database, RunId run) {
    std::vector<std::string> names;
    each_whole_row(database, series_table, "WHERE run=? ORDER BY name", {run}, [&](const Row& cells) {
        RowReader reader(series_table.name, cells);
        reader.integer();
        names.push_back(reader.text());
    });
    return names;
}

std::vector<MetricPoint> load_points(Database& database, RunId run, const std::string& series) {
    std::vector<MetricPoint> points;
    if (const auto row = find_series(database, run, series))
        load_chunks(database, run, series, *row, 0, points);
    return points;
}

std::vector<MetricPoint> load_points_after(Database& database, RunId run, const std::string& series,
                                           std::int64_t step) {
    std::vector<MetricPoint> points;
    const auto row = find_series(database, run, series);
    if (!row || row->last_step <= step) return points;
    const auto reaching =
        find_row(database, metric_chunk_table,
                 "WHERE run=? AND series=? AND last_step>? ORDER BY chunk LIMIT 1", {run, series, step});
    load_chunks(database, run, series, *row, reaching ? std::get<std::int64_t>(reaching->at(2)) : 0, points);
    std::erase_if(points, [&](const MetricPoint& point) { return point.step <= step; });
    return points;
}

std::optional<MetricPoint> last_point(Database& database, RunId run, const std::string& series) {
    const auto row = find_series(database, run, series);
    if (!row || row->points < 1) return std::nullopt;
    std::vector<MetricPoint> points;
    load_chunks(database, run, series, *row, (row->points - 1) / chunk_size, points);
    return points.back();
}

void truncate_points(Database& database, RunId run, std::int64_t step) {
    refuse_if_damaged(database, series_table, {run});
    for (const std::string& series : series_of(database, run)) {
        const SeriesRow row = find_series(database, run, series).value_or(SeriesRow{});
        if (row.last_step <= step) continue;
        // Whole chunks before the first one that reaches beyond `step` stay as they are.
        const auto reaching =
            find_row(database, metric_chunk_table,
                     "WHERE run=? AND series=? AND last_step>? ORDER BY chunk LIMIT 1", {run, series, step});
        const std::int64_t chunk = reaching ? std::get<std::int64_t>(reaching->at(2)) : 0;
        std::vector<MetricPoint> points;
        load_chunks(database, run, series, row, chunk, points);
        std::erase_if(points, [&](const MetricPoint& point) { return point.step > step; });
        database.prepare("DELETE FROM metric_chunk WHERE run=? AND series=? AND chunk>=?")
            .bind_all({run, series, chunk})
            .run();
        const std::int64_t left = chunk * chunk_size + static_cast<std::int64_t>(points.size());
        if (left == 0) {
            database.prepare("DELETE FROM series WHERE run=? AND name=?").bind_all({run, series}).run();
            continue;
        }
        std::int64_t last_step = 0;
        if (!points.empty()) {
            write_chunk(database, run, series, chunk, points);
            last_step = points.back().step;
        } else {
            load_chunks(database, run, series, {left, 0}, chunk - 1, points);
            last_step = points.back().step;
        }
        write_row(database, series_table, {run, series, left, last_step});
    }
}

void remove_points(Database& database, RunId run) {
    database.prepare("DELETE FROM metric_chunk WHERE run=?").bind_all({run}).run();
    database.prepare("DELETE FROM series WHERE run=?").bind_all({run}).run();
}

} // namespace limbeck
