// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "backend/runner/session.h"

namespace limbeck::cli {

/// One line of the table that a training ends with. Values are those of the last weights, but for
/// test_of_best.
struct ResultRow {
    std::string who;
    std::optional<RunId> run;
    std::optional<double> validation_accuracy, test_accuracy;
    std::optional<double> test_of_best; ///< test accuracy of the epoch that was best on validation
    std::optional<double> agreement, predictive_kl; ///< with the teacher, on the test part
};

/// Teachers, student alone, assistants, student with teacher: what the group made or took over, as far as it
/// is there.
std::vector<ResultRow> collect_results(const Session& session, GroupId group);

/// Test accuracy of the student with teacher minus that of the student alone, in percentage points.
std::optional<double> margin_points(const std::vector<ResultRow>& rows);

std::string results_table(const std::vector<ResultRow>& rows);
Json results_json(const std::vector<ResultRow>& rows);

} // namespace limbeck::cli
