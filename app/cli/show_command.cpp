// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/cli/answers.h"
#include "app/cli/commands.h"
#include "app/cli/report.h"
#include "app/cli/text.h"
#include "backend/answers/answer_folder.h"
#include "backend/project/project.h"
#include "backend/types/catalogue.h"
#include "backend/types/fields.h"

namespace limbeck::cli {

namespace {

/// Settings in which the runs differ from the project's own: what makes one line of the list another.
std::string differing(const ExperimentConfig& own, const RunRecord& run) {
    std::string text;
    for (const Difference& difference : differences(own, run.config))
        text += (text.empty() ? "" : " ") + difference.key + "=" + difference.to;
    return text;
}

Json events_json(const std::vector<RunEvent>& events) {
    Json list = Json::array();
    for (const RunEvent& event : events)
        list.push_back({{"step", event.step}, {"what", event.what}, {"from", event.from}, {"to", event.to}});
    return list;
}

Json checkpoints_json(const std::vector<CheckpointRecord>& checkpoints) {
    Json list = Json::array();
    for (const CheckpointRecord& each : checkpoints)
        list.push_back({{"kind", each.kind}, {"step", each.step}, {"epoch", each.epoch}});
    return list;
}

/// "Run 3 keeps epoch-5, epoch-10."; nothing where only the last and the best are there.
std::string kept_text(const RunRecord& run, const std::vector<CheckpointRecord>& checkpoints) {
    std::string names;
    for (const CheckpointRecord& each : checkpoints)
        if (is_kept_kind(each.kind)) names += (names.empty() ? "" : ", ") + each.kind;
    return names.empty() ? names : "\nRun " + std::to_string(run.id) + " keeps " + names + ".";
}

void show_words(const ExperimentConfig& config, Output& output) {
    std::vector<std::vector<std::string>> rows;
    for (const Field& field : fields())
        rows.push_back(
            {"  " + std::string(field.key), field_text(config, field.key), std::string(field.unit)});
    output.line(formula_text(config.distillation));
    output.line("");
    output.line(table(rows, 9));
}

void show_damage(const Project::Finding& finding, Output& output) {
    output.object({{"event", "finding"}, {"where", finding.where}, {"what", finding.what}});
    output.line("Damaged: " + finding.where + ": " + finding.what);
}

Result<void> show_runs(const Project& project, const ExperimentConfig& config, Output& output) {
    const auto runs = project.runs();
    if (!runs) return tl::unexpected(runs.error());
    std::vector<std::vector<std::string>> rows{
        {"Run", "Name", "State", "Epochs", "Accuracy", "best", "Agreement", "best", "Test", "Differs in"}};
    const auto kept = list_answers(standard_answers_folder(), /*count=*/false);
    std::string about_answers, about_kept;
    for (const RunRecord& run : *runs) {
        const auto answers = answers_of(run, kept);
        if (answers) about_answers += "\nRun " + std::to_string(run.id) + ": " + answers_text(*answers) + ".";
        // A damaged curve or change takes its own numbers along, not the other runs.
        auto summary = project.summary(run.id);
        if (!summary) show_damage({"run " + std::to_string(run.id), summary.error().message}, output);
        if (!summary) summary = RunSummary{};
        auto events = project.events(run.id);
        if (!events) show_damage({"run " + std::to_string(run.id), events.error().message}, output);
        if (!events) events = std::vector<RunEvent>{};
        auto checkpoints = project.checkpoints(run.id);
        if (!checkpoints) show_damage({"run " + std::to_string(run.id), checkpoints.error().message}, output);
        if (!checkpoints) checkpoints = std::vector<CheckpointRecord>{};
        about_kept += kept_text(run, *checkpoints);
        output.object({{"event", "run"},
                       {"run", run_json(run)},
                       {"checkpoints", checkpoints_json(*checkpoints)},
                       {"metrics", summary_json(*summary)},
                       {"changes", events_json(*events)},
                       {"answers", answers ? answers_json(*answers) : Json(nullptr)},
                       {"configuration", config_json(run.config)}});
        rows.push_back({std::to_string(run.id), run.name, std::string(limbeck::to_string(run.state)),
                        std::to_string(run.epoch) + "/" + std::to_string(run.total_epochs),
                        percent(summary->last_accuracy), percent(summary->best_accuracy),
                        percent(summary->last_agreement), percent(summary->best_agreement),
                        percent(summary->test_accuracy), differing(config, run)});
        if (!run.error.empty()) rows.back().back() += (rows.back().back().empty() ? "" : "; ") + run.error;
    }
    output.line("");
    output.line(runs->empty() ? "No runs yet: limbeck-cli run " + project.folder().string()
                              : table(rows, 99) + (about_answers.empty() ? "" : "\n" + about_answers) +
                                    (about_kept.empty() ? "" : "\n" + about_kept));
    return {};
}

} // namespace

Result<int> show_project(const Arguments& arguments, Output& output) {
    const auto project = Project::open(arguments.positional[0], Project::Access::view);
    if (!project) return tl::unexpected(project.error());
    const auto damage = (*project)->damage();
    auto config = (*project)->config();
    if (!config && (damage.empty() || arguments.has("--config"))) return tl::unexpected(config.error());
    if (arguments.has("--config")) {
        output.raw(to_json(*config) + "\n");
        return exit_code::done;
    }
    for (const Project::Finding& finding : damage)
        show_damage(finding, output);
    if (!config) { // the runs have theirs
        const ExperimentConfig none;
        if (auto shown = show_runs(**project, none, output); !shown) return tl::unexpected(shown.error());
        return exit_code::done;
    }
    const auto left_out = (*project)->left_out();
    if (!left_out) return tl::unexpected(left_out.error());
    output.object({{"event", "configuration"},
                   {"project", (*project)->folder().string()},
                   {"weights_left_out_to", left_out->weights_to},
                   {"data_references_left_out", left_out->data_references},
                   {"configuration", config_json(*config)}});
    show_words(*config, output);
    if (const std::string text = left_out_text(*left_out); !text.empty()) output.line("\n" + text);
    if (auto shown = show_runs(**project, *config, output); !shown) return tl::unexpected(shown.error());
    return exit_code::done;
}

} // namespace limbeck::cli
