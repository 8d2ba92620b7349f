// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/sqlite.h"
#include "backend/types/run.h"

/// Series of points in the tables `series` (one row each, with the number of points, so that a lost chunk is
/// noticed) and `metric_chunk`. The callers hold a ReadScope or WriteScope.
namespace limbeck {

void append_points(Database& database, RunId run, const std::string& series,
                   std::span<const MetricPoint> points);
std::vector<std::string> series_of(Database& database, RunId run);
std::vector<MetricPoint> load_points(Database& database, RunId run, const std::string& series);
std::vector<MetricPoint> load_points_after(Database& database, RunId run, const std::string& series,
                                           std::int64_t step);
std::optional<MetricPoint> last_point(Database& database, RunId run, const std::string& series);
void truncate_points(Database& database, RunId run, std::int64_t step);
void remove_points(Database& database, RunId run);
RunSummary summarize(Database& database, RunId run);

} // namespace limbeck
