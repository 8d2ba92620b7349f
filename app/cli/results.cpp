// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/results.h"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "app/cli/report.h"
#include "app/cli/text.h"

namespace limbeck::cli {

namespace {

constexpr const char* alone = "student alone";
constexpr const char* taught = "student with teacher";

const RunRecord* find(const std::vector<RunRecord>& runs, std::optional<RunId> id) {
    const auto found =
        std::find_if(runs.begin(), runs.end(), [&](const RunRecord& run) { return run.id == id; });
    return found == runs.end() ? nullptr : &*found;
}

/// The value at the run's last step; a point of an earlier one (the best epoch's) does not count.
std::optional<double> at_end(const Session& session, const RunRecord& run, std::string_view series) {
    const auto points = session.points(run.id, series);
    if (!points) return std::nullopt;
    for (auto point = points->rbegin(); point != points->rend(); ++point)
        if (point->step == run.step) return point->mean;
    return std::nullopt;
}

ResultRow row_of(const Session& session, const RunRecord& run, const char* who) {
    const RunSummary summary = session.summary(run.id);
    ResultRow row{who, run.id, summary.last_accuracy, summary.test_accuracy, summary.best_test_accuracy,
                  {},  {}};
    if (run.role == Role::student) {
        row.agreement = summary.test_agreement;
        row.predictive_kl = at_end(session, run, "test/predictive_kl");
    }
    return row;
}

} // namespace

std::vector<ResultRow> collect_results(const Session& session, GroupId group) {
    const std::vector<RunRecord> runs = session.runs();
    const RunRecord *teacher = nullptr, *baseline = nullptr, *student = nullptr;
    for (const RunRecord& run : runs) {
        if (run.group != group) continue;
        (run.role == Role::teacher ? teacher : run.role == Role::baseline ? baseline : student) = &run;
    }
    if (student && !teacher) teacher = find(runs, student->teacher);
    if (student && !baseline) baseline = find(runs, student->baseline);

    std::vector<ResultRow> rows;
    if (teacher) {
        rows.push_back(row_of(session, *teacher, "teacher"));
    } else if (student) { // its weights came from a file: the student's run measured it
        const RunSummary summary = session.summary(student->id);
        if (summary.teacher_accuracy)
            rows.push_back(
                {"teacher", {}, summary.teacher_accuracy, summary.test_teacher_accuracy, {}, {}, {}});
    }
    if (baseline) rows.push_back(row_of(session, *baseline, alone));
    if (student) rows.push_back(row_of(session, *student, taught));
    return rows;
}

std::optional<double> margin_points(const std::vector<ResultRow>& rows) {
    std::optional<double> with, without;
    for (const ResultRow& row : rows) {
        if (row.who == alone) without = row.test_accuracy;
        if (row.who == taught) with = row.test_accuracy;
    }
    if (!with || !without) return std::nullopt;
    return (*with - *without) * 100;
}

std::string results_table(const std::vector<ResultRow>& rows) {
    std::vector<std::vector<std::string>> lines{
        {"", "run", "validation", "test", "test, best epoch", "agreement", "predictive KL"}};
    for (const ResultRow& row : rows)
        lines.push_back({row.who, row.run ? std::to_string(*row.run) : "–", percent(row.validation_accuracy),
                         percent(row.test_accuracy), percent(row.test_of_best), percent(row.agreement),
                         loss_text(row.predictive_kl)});
    std::string text = table(lines, 1);
    if (const auto margin = margin_points(rows)) {
        char words[96];
        std::snprintf(words, sizeof words, "\n\nThe teacher's help is worth %+.1f points on the test part.",
                      *margin);
        text += words;
    }
    return text;
}

Json results_json(const std::vector<ResultRow>& rows) {
    Json array = Json::array();
    for (const ResultRow& row : rows)
        array.push_back({{"who", row.who},
                         {"run", row.run ? Json(*row.run) : Json(nullptr)},
                         {"validation_accuracy", optional_json(row.validation_accuracy)},
                         {"test_accuracy", optional_json(row.test_accuracy)},
                         {"best_test_accuracy", optional_json(row.test_of_best)},
                         {"test_agreement", optional_json(row.agreement)},
                         {"test_predictive_kl", optional_json(row.predictive_kl)}});
    return array;
}

} // namespace limbeck::cli
