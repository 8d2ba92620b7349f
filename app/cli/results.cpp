// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/results.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "app/cli/report.h"
#include "app/cli/text.h"
#include "backend/types/lineup.h"

namespace limbeck::cli {

namespace {

constexpr const char* alone = "student alone";
constexpr const char* taught = "student with teacher";
constexpr const char* taught_by_peers = "student with peers";

std::string who_is(const RunRecord& run) {
    const std::string number = std::to_string(run.stage + 1);
    switch (run.role) {
    case Role::teacher:
        return run.stage == 0 ? "teacher" : "teacher " + number;
    case Role::baseline:
        return alone;
    case Role::assistant:
        return (run.config.distillation.scheme == "born-again" ? "generation " : "assistant ") + number;
    case Role::student:
        break;
    }
    return has_teacher(run.config.distillation) ? taught : taught_by_peers;
}

/// The runs of a group and those of other groups that they build on, by role, then along the chain.
std::vector<const RunRecord*> involved(const std::vector<RunRecord>& runs, GroupId group) {
    std::set<RunId> wanted;
    // Newest first: who teaches or is the baseline is older than who asks for it.
    std::vector<const RunRecord*> found;
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        if (run->group != group && !wanted.contains(run->id)) continue;
        found.push_back(&*run);
        for (const auto& other : {run->teacher, run->baseline})
            if (other) wanted.insert(*other);
        for (const TeacherLink& teacher : run->more_teachers)
            if (teacher.run) wanted.insert(*teacher.run);
    }
    std::sort(found.begin(), found.end(), [](const RunRecord* one, const RunRecord* other) {
        return std::tuple(one->role, one->stage, one->id) < std::tuple(other->role, other->stage, other->id);
    });
    return found;
}

/// The value at the run's last step; a point of an earlier one (the best epoch's) does not count.
std::optional<double> at_end(const Session& session, const RunRecord& run, std::string_view series) {
    const auto points = session.points(run.id, series);
    if (!points) return std::nullopt;
    for (auto point = points->rbegin(); point != points->rend(); ++point)
        if (point->step == run.step) return point->mean;
    return std::nullopt;
}

ResultRow row_of(const Session& session, const RunRecord& run, std::string who) {
    const RunSummary summary = session.summary(run.id);
    ResultRow row{std::move(who),
                  run.id,
                  summary.last_accuracy,
                  summary.test_accuracy,
                  summary.best_test_accuracy,
                  {},
                  {}};
    if (is_taught(run.role)) {
        row.agreement = summary.test_agreement;
        row.predictive_kl = at_end(session, run, "test/predictive_kl");
    }
    return row;
}

} // namespace

std::vector<ResultRow> collect_results(const Session& session, GroupId group) {
    const std::vector<RunRecord> runs = session.runs();
    const std::vector<const RunRecord*> all = involved(runs, group);
    std::vector<ResultRow> rows;
    for (const RunRecord* run : all)
        if (run->role == Role::teacher) rows.push_back(row_of(session, *run, who_is(*run)));
    // Teachers that came from a file, several that speak with one voice and peers have no run of their own:
    // the first run that they taught measured them.
    const auto taught_run =
        std::find_if(all.begin(), all.end(), [](const RunRecord* run) { return is_taught(run->role); });
    if (taught_run != all.end()) {
        const RunRecord& run = **taught_run;
        const std::size_t teachers = teachers_of(run.config, run.role, run.stage).size();
        const RunSummary summary = session.summary(run.id);
        if (summary.teacher_accuracy && (teachers != 1 || !run.teacher))
            rows.push_back({teachers == 1  ? "teacher"
                            : teachers > 1 ? "teachers together"
                                           : "peers together",
                            {},
                            summary.teacher_accuracy,
                            summary.test_teacher_accuracy,
                            {},
                            {},
                            {}});
    }
    for (const RunRecord* run : all)
        if (run->role != Role::teacher) rows.push_back(row_of(session, *run, who_is(*run)));
    return rows;
}

std::optional<double> margin_points(const std::vector<ResultRow>& rows) {
    std::optional<double> with, without;
    for (const ResultRow& row : rows) {
        if (row.who == alone) without = row.test_accuracy;
        if (row.who == taught || row.who == taught_by_peers) with = row.test_accuracy;
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
        const bool peers = rows.back().who == taught_by_peers;
        std::snprintf(words, sizeof words, "\n\nThe %s help is worth %+.1f points on the test part.",
                      peers ? "peers'" : "teacher's", *margin);
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
