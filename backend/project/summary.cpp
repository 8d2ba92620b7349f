// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "backend/project/store_metrics.h"

namespace limbeck {
namespace {

std::string name_of(std::string_view part, std::string_view name) {
    return std::string(part) + std::string(name);
}

std::optional<double> last(Database& database, RunId run, std::string_view part, std::string_view name) {
    const auto point = last_point(database, run, name_of(part, name));
    return point ? std::optional(point->mean) : std::nullopt;
}

/// The value at a step: of the last point there, for an evaluation asked for by hand may have come before.
std::optional<double> at_step(Database& database, RunId run, std::string_view part, std::string_view name,
                              std::int64_t step) {
    std::optional<double> value;
    for (const MetricPoint& point : load_points(database, run, name_of(part, name)))
        if (point.step == step) value = point.mean;
    return value;
}

} // namespace

RunSummary summarize(Database& database, RunId run) {
    RunSummary summary;
    summary.last_accuracy = last(database, run, series::validation, series::accuracy);
    summary.last_agreement = last(database, run, series::validation, series::agreement);
    summary.teacher_accuracy = last(database, run, series::validation, series::teacher_accuracy);
    summary.test_accuracy = last(database, run, series::test, series::accuracy);
    summary.test_agreement = last(database, run, series::test, series::agreement);
    summary.test_teacher_accuracy = last(database, run, series::test, series::teacher_accuracy);

    std::int64_t epoch = 0, best_step = 0;
    for (const MetricPoint& point :
         load_points(database, run, name_of(series::validation, series::accuracy))) {
        ++epoch;
        if (std::isnan(point.mean) || (summary.best_accuracy && point.mean <= *summary.best_accuracy))
            continue;
        summary.best_accuracy = point.mean;
        summary.best_epoch = epoch;
        best_step = point.step;
    }
    if (summary.best_accuracy) {
        summary.best_agreement = at_step(database, run, series::validation, series::agreement, best_step);
        summary.best_test_accuracy = at_step(database, run, series::test, series::accuracy, best_step);
    }
    return summary;
}

} // namespace limbeck
