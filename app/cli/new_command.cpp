// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <iostream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/settings.h"
#include "backend/project/project.h"
#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "backend/types/nearest.h"

namespace limbeck::cli {

namespace {

Result<ExperimentConfig> read_config(const std::string& file) {
    constexpr std::size_t largest = 1 << 20;
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened)
            return failure(ErrorKind::usage,
                           "Reading the configuration " + in_quotes(file) + ": the file cannot be opened.");
    }
    std::istream& in = file == "-" ? std::cin : opened;
    std::string text(largest + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    auto config = config_from_json(text);
    if (!config)
        config.error().message =
            "Reading the configuration " + in_quotes(file) + ": " + config.error().message;
    return config;
}

Result<ExperimentConfig> starting_point(const Arguments& arguments) {
    const auto sample = arguments.value("--sample"), file = arguments.value("--config");
    if (sample && file)
        return failure(ErrorKind::usage,
                       "--sample and --config exclude each other: a project starts from one of them.");
    if (file) return read_config(*file);
    if (!sample) return ExperimentConfig{};
    if (const SampleExperiment* found = find_sample(*sample)) return found->config;
    std::vector<std::string_view> names;
    for (const SampleExperiment& each : sample_experiments())
        names.push_back(each.id);
    return failure(ErrorKind::usage, "There is no sample " + in_quotes(*sample) + "; the nearest is " +
                                         std::string(nearest_name(*sample, names)) +
                                         " (known: " + listed(names) + ").");
}

/// A new experiment takes the objective's own temperature and weights, unless they are given too.
void take_objective_defaults(ExperimentConfig& config) {
    const ObjectiveEntry* objective = find_objective(config.distillation.objective);
    if (!objective) return;
    config.distillation.temperature = objective->temperature;
    config.distillation.hard_weight = objective->hard_weight;
    config.distillation.soft_weight = objective->weight;
}

} // namespace

Result<int> make_project(const Arguments& arguments, Output& output) {
    const std::filesystem::path folder = arguments.positional[0];
    auto config = starting_point(arguments);
    if (!config) return tl::unexpected(config.error());

    std::vector<std::string> settings;
    for (const auto& [option, key] :
         {std::pair("--dataset", "data.dataset"), std::pair("--teacher", "teacher.model"),
          std::pair("--student", "student.model")})
        if (const auto spec = arguments.value(option)) settings.push_back(std::string(key) + "=" + *spec);
    for (std::string& setting : arguments.values("--set"))
        settings.push_back(std::move(setting));

    if (!arguments.has("--sample") && !arguments.has("--config")) {
        ExperimentConfig named = *config;
        if (auto set = apply_settings(named, settings, folder); !set) return tl::unexpected(set.error());
        if (named.distillation.objective != config->distillation.objective) {
            config->distillation.objective = named.distillation.objective;
            take_objective_defaults(*config);
        }
    }
    if (auto set = apply_settings(*config, settings, folder); !set) return tl::unexpected(set.error());
    if (auto valid = require_valid(*config); !valid) return tl::unexpected(valid.error());

    auto project = Project::create(folder, *config);
    if (!project) return tl::unexpected(project.error());
    const std::string made = (*project)->folder().string();
    output.object({{"event", "result"}, {"project", made}, {"configuration", Json::parse(to_json(*config))}});
    output.line("Made " + made + ": " + to_string(config->data.dataset) + ", teacher " +
                to_string(config->teacher.network) + ", student " + to_string(config->student.network) + ".");
    output.line(formula_text(config->distillation));
    output.line("Next: limbeck-cli run " + folder.string());
    return exit_code::done;
}

} // namespace limbeck::cli
