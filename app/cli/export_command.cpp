// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/settings.h"
#include "backend/data/data.h"
#include "backend/project/project.h"
#include "backend/project/safetensors.h"
#include "backend/types/lineup.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

namespace fs = std::filesystem;

Result<std::string> metrics_csv(const Project& project, RunId run) {
    const auto names = project.series_of(run);
    if (!names) return tl::unexpected(names.error());
    std::string text = "series,step,mean,minimum,maximum\n";
    for (const std::string& name : *names) {
        const auto points = project.points(run, name);
        if (!points) return tl::unexpected(points.error());
        for (const MetricPoint& point : *points)
            text += name + "," + std::to_string(point.step) + "," + number_text(point.mean) + "," +
                    number_text(static_cast<double>(point.minimum)) + "," +
                    number_text(static_cast<double>(point.maximum)) + "\n";
    }
    return text;
}

/// Under a temporary name first: a full disk leaves the old file, not half a new one.
Result<void> write_text(const std::string& text, const fs::path& file) {
    const fs::path temporary = file.string() + ".part";
    std::error_code error;
    {
        std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
        out << text;
        out.close();
        if (!out) {
            fs::remove(temporary, error);
            return failure(ErrorKind::document, "Writing " + file.string() +
                                                    " failed; is the folder there, writable and not full?");
        }
    }
    fs::rename(temporary, file, error);
    if (error) {
        const std::string why = error.message();
        fs::remove(temporary, error);
        return failure(ErrorKind::document, "Writing " + file.string() + ": " + why + ".");
    }
    return {};
}

template <class Value>
std::string json_list(const std::vector<Value>& values) {
    return Json(values).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What a stranger needs to feed the network: its name, the shape of its input, the classes and the
/// normalisation.
Result<void> describe(TensorMap& weights, const RunRecord& run, const fs::path& folder) {
    const auto data = load_dataset(run.config.data, folder);
    if (!data) return tl::unexpected(data.error());
    if (!run.dataset_fingerprint.empty() && (*data)->fingerprint != run.dataset_fingerprint)
        return failure(ErrorKind::data,
                       "the data " + (*data)->name + " are no longer those that the run was trained on.");
    NetworkSpec network = network_of(run);
    network.weights.clear();
    weights.metadata["limbeck.network"] = to_string(network);
    weights.metadata["limbeck.input"] = json_list((*data)->input.shape);
    weights.metadata["limbeck.classes"] = json_list((*data)->class_names);
    weights.metadata["limbeck.mean"] = json_list((*data)->mean);
    weights.metadata["limbeck.stddev"] = json_list((*data)->stddev);
    return {};
}

Result<void> export_weights(const Project& project, const RunRecord& run, const std::string& which,
                            const fs::path& file, Output& output) {
    const auto checkpoint = project.checkpoint(run.id, which);
    if (!checkpoint) return tl::unexpected(checkpoint.error());
    if (!*checkpoint) {
        const auto left_out = project.left_out();
        if (!left_out) return tl::unexpected(left_out.error());
        return failure(ErrorKind::document,
                       "Run " + std::to_string(run.id) + " (" + run.name + ") has no " + which + " weights" +
                           (run.id <= left_out->weights_to
                                ? ": the archive that this project came from was made without them."
                                : " yet: none were saved before it ended."));
    }
    auto weights = project.object((*checkpoint)->weights);
    if (!weights) return tl::unexpected(weights.error());
    if (auto described = describe(*weights, run, project.folder()); !described) {
        const std::string note = "Classes and normalisation are left out: " + described.error().message;
        output.object({{"event", "note"}, {"text", note}});
        output.line(note);
    }
    weights->metadata["limbeck.run"] = run.name;
    weights->metadata["limbeck.step"] = std::to_string((*checkpoint)->step);
    return write_safetensors(file, *weights);
}

Result<std::string> required(const Arguments& arguments, std::string_view option, std::string_view value) {
    if (auto given = arguments.value(option)) return *given;
    return failure(ErrorKind::usage, std::string(option) + " " + std::string(value) + " is missing.");
}

} // namespace

Result<int> export_run(const Arguments& arguments, Output& output) {
    const auto run_text = required(arguments, "--run", "ID"),
               format = required(arguments, "--format", "csv or safetensors"),
               file = required(arguments, "-o", "FILE");
    for (const auto* option : {&run_text, &format, &file})
        if (!*option) return tl::unexpected(option->error());
    const auto id = parse_run_id(*run_text);
    if (!id) return tl::unexpected(id.error());
    constexpr std::array<std::string_view, 2> formats{"csv", "safetensors"};
    if (std::find(formats.begin(), formats.end(), *format) == formats.end())
        return failure(ErrorKind::usage, "There is no format " + in_quotes(*format) + "; the nearest is " +
                                             std::string(nearest_name(*format, formats)) +
                                             " (known: " + listed(formats) + ").");
    const std::string which = arguments.value("--weights").value_or("last");
    if (which != "last" && which != "best" && !is_kept_kind(which))
        return failure(ErrorKind::usage, "--weights is followed by " + in_quotes(which) +
                                             "; last, best or a kept epoch as in epoch-12 is right.");
    if (*format == "safetensors" && *file == "-")
        return failure(ErrorKind::usage,
                       "safetensors cannot be written to the standard output; -o FILE is right.");

    const auto project = Project::open(arguments.positional[0], Project::Access::view);
    if (!project) return tl::unexpected(project.error());
    const auto runs = (*project)->runs();
    if (!runs) return tl::unexpected(runs.error());
    const auto run =
        std::find_if(runs->begin(), runs->end(), [&](const RunRecord& each) { return each.id == *id; });
    if (run == runs->end())
        return failure(ErrorKind::usage,
                       "There is no run " + *run_text + " in this project; show lists its runs.");

    if (*format == "csv") {
        const auto text = metrics_csv(**project, *id);
        if (!text) return tl::unexpected(text.error());
        if (*file == "-") {
            output.raw(*text);
            return exit_code::done;
        }
        if (auto written = write_text(*text, *file); !written) return tl::unexpected(written.error());
    } else if (auto written = export_weights(**project, *run, which, *file, output); !written) {
        return tl::unexpected(written.error());
    }
    output.object({{"event", "result"}, {"run", *id}, {"format", *format}, {"file", *file}});
    output.line("Wrote " + *file + ".");
    return exit_code::done;
}

} // namespace limbeck::cli
