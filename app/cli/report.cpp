// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/report.h"

#include <nlohmann/json.hpp>

namespace limbeck::cli {

namespace {

Json optional_id(std::optional<RunId> id) {
    return id ? Json(*id) : Json(nullptr);
}

Json links_json(const std::vector<TeacherLink>& links) {
    Json list = Json::array();
    for (const TeacherLink& link : links)
        list.push_back({{"run", optional_id(link.run)}, {"weights", link.weights}});
    return list;
}

} // namespace

Json optional_json(std::optional<double> value) {
    return value ? Json(*value) : Json(nullptr);
}

Json config_json(const ExperimentConfig& config) {
    return Json::parse(to_json(config));
}

Json run_json(const RunRecord& run) {
    return {{"id", run.id},
            {"group", run.group},
            {"role", limbeck::to_string(run.role)},
            {"stage", run.stage},
            {"name", run.name},
            {"state", limbeck::to_string(run.state)},
            {"step", run.step},
            {"total_steps", run.total_steps},
            {"epoch", run.epoch},
            {"total_epochs", run.total_epochs},
            {"device", run.device},
            {"threads", run.threads},
            {"seconds", run.seconds},
            {"created", run.created},
            {"finished", run.finished},
            {"parent", optional_id(run.parent)},
            {"baseline", optional_id(run.baseline)},
            {"teacher", optional_id(run.teacher)},
            {"teacher_weights", run.teacher_weights},
            {"more_teachers", links_json(run.more_teachers)},
            {"dataset_fingerprint", run.dataset_fingerprint},
            {"error", run.error}};
}

Json summary_json(const RunSummary& summary) {
    return {{"last_accuracy", optional_json(summary.last_accuracy)},
            {"best_accuracy", optional_json(summary.best_accuracy)},
            {"last_agreement", optional_json(summary.last_agreement)},
            {"best_agreement", optional_json(summary.best_agreement)},
            {"teacher_accuracy", optional_json(summary.teacher_accuracy)},
            {"test_accuracy", optional_json(summary.test_accuracy)},
            {"test_agreement", optional_json(summary.test_agreement)},
            {"test_teacher_accuracy", optional_json(summary.test_teacher_accuracy)},
            {"best_test_accuracy", optional_json(summary.best_test_accuracy)},
            {"best_epoch", summary.best_epoch}};
}

std::string role_text(Role role) {
    return role == Role::baseline ? "student alone" : std::string(limbeck::to_string(role));
}

std::string left_out_text(const LeftOut& left_out) {
    std::string text;
    if (left_out.weights_to > 0)
        text = "The archive that this project came from leaves out the weights of " +
               std::string(left_out.weights_to == 1 ? "run 1"
                                                    : "runs 1 to " + std::to_string(left_out.weights_to)) +
               ": these can be looked at, not resumed. A new start trains what it needs anew.";
    if (left_out.data_references)
        text +=
            std::string(text.empty() ? "" : "\n") +
            "It leaves out the paths of data sets and weight files; give your own with --set data.dataset=… "
            "before you train with them.";
    return text;
}

} // namespace limbeck::cli
