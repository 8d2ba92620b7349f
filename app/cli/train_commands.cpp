// SPDX-License-Identifier: GPL-3.0-or-later
// run, resume, repeat.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/settings.h"
#include "app/cli/training.h"
#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

Result<std::optional<RunId>> run_option(const Arguments& arguments) {
    const auto text = arguments.value("--run");
    if (!text) return std::nullopt;
    auto id = parse_run_id(*text);
    if (!id) return tl::unexpected(id.error());
    return *id;
}

/// The one setting that a run may be resumed with.
Result<std::optional<std::int64_t>> epochs_option(const Arguments& arguments) {
    std::optional<std::int64_t> epochs;
    for (const std::string& setting : arguments.values("--set")) {
        const auto parts = split_setting(setting);
        if (!parts) return tl::unexpected(parts.error());
        ExperimentConfig config; // set_field checks the number
        if (auto set = set_field(config, parts->first, parts->second); !set)
            return tl::unexpected(set.error());
        if (parts->first != "training.epochs" && parts->first != "teacher.training.epochs")
            return failure(ErrorKind::usage,
                           "resume keeps a run's settings; only training.epochs can be set, to train longer. "
                           "For another " +
                               parts->first + " start a new run.",
                           parts->first);
        epochs = parse_integer(parts->second);
    }
    return epochs;
}

} // namespace

Result<int> run_experiment(const Arguments& arguments, Output& output) {
    const std::filesystem::path project = arguments.positional[0];
    std::vector<std::string> settings = arguments.values("--set");
    if (const auto device = arguments.value("--device")) settings.push_back("training.device=" + *device);
    // Words that are wrong are told before the project is locked and read.
    ExperimentConfig probe;
    if (auto set = apply_settings(probe, settings, folder_of_project(project)); !set)
        return tl::unexpected(set.error());

    auto training = Training::open(project);
    if (!training) return tl::unexpected(training.error());
    ExperimentConfig config = (*training)->session().config();
    if (auto set = apply_settings(config, settings, folder_of_project(project)); !set)
        return tl::unexpected(set.error());
    if (auto valid = require_valid(config); !valid) return tl::unexpected(valid.error());
    (*training)->use_threads(config.training.threads);
    output.object({{"event", "configuration"}, {"configuration", Json::parse(to_json(config))}});
    output.line(to_string(config.teacher.network) + " teaches " + to_string(config.student.network) + " on " +
                to_string(config.data.dataset) + ": " + formula_text(config.distillation));
    return (*training)->conduct(output, [&](Session& session) { return session.start(config); });
}

Result<int> resume_run(const Arguments& arguments, Output& output) {
    const auto id = run_option(arguments);
    if (!id) return tl::unexpected(id.error());
    const auto epochs = epochs_option(arguments);
    if (!epochs) return tl::unexpected(epochs.error());
    auto training = Training::open(arguments.positional[0]);
    if (!training) return tl::unexpected(training.error());
    // As many threads as before, where that is known: sums then add up in the same order.
    std::int64_t threads = 0;
    for (const RunRecord& run : (*training)->session().runs())
        if (*id ? run.id == **id : is_unfinished(run.state) && run.threads > 0) threads = run.threads;
    (*training)->use_threads(threads);
    return (*training)->conduct(output, [&](Session& session) { return session.resume(*id, *epochs); });
}

Result<int> repeat_run(const Arguments& arguments, Output& output) {
    const auto id = run_option(arguments);
    if (!id) return tl::unexpected(id.error());
    if (!*id)
        return failure(ErrorKind::usage, "repeat needs --run ID, the number of a run as show lists it.");
    auto training = Training::open(arguments.positional[0]);
    if (!training) return tl::unexpected(training.error());
    const auto runs = (*training)->session().runs();
    const auto run =
        std::find_if(runs.begin(), runs.end(), [&](const RunRecord& each) { return each.id == **id; });
    if (run == runs.end())
        return failure(ErrorKind::usage,
                       "There is no run " + std::to_string(**id) + " in this project; show lists its runs.");
    (*training)->use_threads(run->threads);
    return (*training)->conduct(output, [&](Session& session) { return session.repeat(**id); });
}

} // namespace limbeck::cli
