// SPDX-License-Identifier: GPL-3.0-or-later
// devices, datasets, models, objectives, schemes, samples: what there is to choose from.
#include <future>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/objectives_page.h"
#include "app/cli/text.h"
#include "backend/runner/session.h"
#include "backend/types/catalogue.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

/// Name and description, the description indented under the name.
void entry(Output& output, std::string_view name, std::string_view title, const std::string& text) {
    output.line(std::string(name) + "  –  " + std::string(title));
    output.line(wrapped(text, 4));
}

std::string_view group_text(ObjectiveGroup group) {
    return group == ObjectiveGroup::answers ? "answers alone" : "features";
}

std::string value_text(const OptionEntry& option, double value) {
    if (option.is_switch) return value != 0 ? "true" : "false";
    return number_text(value);
}

/// "temperature=4, t_squared=true; hard weight 0.1, weight 0.9"
std::string options_text(const ObjectiveEntry& objective) {
    std::string text;
    for (const auto& [key, value] : default_options(objective))
        text += (text.empty() ? "" : ", ") + key + "=" + value_text(*find_option(objective, key), value);
    return (text.empty() ? "none" : text) + "; hard weight " + number_text(objective.hard_weight) +
           ", weight " + number_text(objective.weight) + (objective.needs_labels ? "; needs labels" : "");
}

std::string_view taps_text(DefaultTaps taps) {
    switch (taps) {
    case DefaultTaps::none:
        return "none";
    case DefaultTaps::second_stage:
        return "second_stage";
    case DefaultTaps::stages:
        return "stages";
    case DefaultTaps::last_stage:
        return "last_stage";
    case DefaultTaps::pooled:
        return "pooled";
    case DefaultTaps::stem_to_last_stage:
        return "stem_to_last_stage";
    case DefaultTaps::stages_and_pooled:
        return "stages_and_pooled";
    }
    return "none";
}

std::string_view adapter_text(AdapterNeed need) {
    switch (need) {
    case AdapterNeed::never:
        return "never";
    case AdapterNeed::optional:
        return "optional";
    case AdapterNeed::always:
        return "always";
    }
    return "never";
}

/// A switch's numbers as true and false.
Json option_value(const OptionEntry& option, double value) {
    if (option.is_switch) return value != 0;
    if (option.is_whole) return static_cast<std::int64_t>(value);
    return value;
}

Json options_array(const ObjectiveEntry& objective) {
    Json options = Json::array();
    for (const auto& [key, value] : default_options(objective)) {
        const OptionEntry& option = *find_option(objective, key);
        options.push_back({{"name", key},
                           {"label", option.label},
                           {"description", option.description},
                           {"type", option.is_switch  ? "switch"
                                    : option.is_whole ? "integer"
                                                      : "real"},
                           {"default", option_value(option, value)},
                           {"minimum", option_value(option, option.minimum)},
                           {"maximum", option_value(option, option.maximum)}});
    }
    return options;
}

Json objective_object(const ObjectiveEntry& each) {
    Json object{{"event", "objective"},
                {"id", each.id},
                {"title", each.title},
                {"group", each.group == ObjectiveGroup::answers ? "answers" : "features"},
                {"description", each.description},
                {"when", each.when},
                {"paper", each.paper},
                {"formula", each.formula},
                {"definition", each.definition},
                {"hard_weight", each.hard_weight},
                {"weight", each.weight},
                {"needs_labels", each.needs_labels},
                {"batch_dependent", each.batch_dependent},
                {"taps", taps_text(each.taps)},
                {"preactivations", each.preactivations},
                {"adapter", adapter_text(each.adapter)},
                {"options", options_array(each)}};
    if (each.uses_temperature) object["temperature"] = each.temperature;
    if (each.group == ObjectiveGroup::answers) object["soft_weight"] = each.weight;
    return object;
}

} // namespace

Result<int> list_devices(const Arguments&, Output& output) {
    EngineHost host(engine_loader());
    auto promise = std::make_shared<std::promise<Result<std::vector<DeviceInfo>>>>();
    auto answer = promise->get_future();
    request_devices(
        host, [promise](Result<std::vector<DeviceInfo>> devices) { promise->set_value(std::move(devices)); });
    const auto devices = answer.get();
    if (!devices) return tl::unexpected(devices.error());
    std::vector<std::vector<std::string>> rows;
    for (const DeviceInfo& device : *devices) {
        output.object({{"event", "device"},
                       {"id", device.id},
                       {"name", device.name},
                       {"memory_bytes", device.memory_bytes},
                       {"available", device.available},
                       {"reason", device.reason}});
        rows.push_back(
            {device.id, device.name,
             device.available ? bytes_text(device.memory_bytes) : "not available: " + device.reason});
    }
    output.line(table(rows, 9));
    return exit_code::done;
}

Result<int> list_datasets(const Arguments&, Output& output) {
    for (const DatasetEntry& each : dataset_catalogue()) {
        output.object({{"event", "dataset"},
                       {"kind", each.kind},
                       {"title", each.title},
                       {"description", each.description},
                       {"needs_folder", each.needs_folder},
                       {"default_samples", each.default_samples}});
        entry(output, std::string(each.kind) + (each.needs_folder ? ":FOLDER" : ""), each.title,
              std::string(each.description));
    }
    return exit_code::done;
}

Result<int> list_models(const Arguments&, Output& output) {
    for (const ModelEntry& each : model_catalogue()) {
        output.object({{"event", "model"},
                       {"name", each.name},
                       {"title", each.title},
                       {"description", each.description},
                       {"paper", each.paper},
                       {"options", each.options},
                       {"needs_image", each.needs_image},
                       {"minimum_side", each.minimum_side}});
        std::string text(each.description);
        if (!each.paper.empty()) text += " (" + std::string(each.paper) + ")";
        entry(output, each.name, each.title, text);
    }
    return exit_code::done;
}

Result<int> list_objectives(const Arguments& arguments, Output& output) {
    if (arguments.has("--markdown")) {
        std::string page = objectives_page();
        page.pop_back(); // line() ends it again
        output.line(page);
        return exit_code::done;
    }
    std::optional<ObjectiveGroup> group;
    for (const ObjectiveEntry& each : objective_catalogue()) {
        output.object(objective_object(each));
        if (group != each.group)
            output.line((group ? "\n" : "") + std::string("From the ") + std::string(group_text(each.group)) +
                        "\n");
        group = each.group;
        entry(output, each.id, each.title,
              std::string(each.description) + " " + std::string(each.formula) + " (" +
                  std::string(each.paper) + ")");
        output.line(wrapped("Use: " + std::string(each.when), 4));
        output.line(wrapped("Options: " + options_text(each), 4));
    }
    return exit_code::done;
}

Result<int> list_schemes(const Arguments&, Output& output) {
    for (const SchemeEntry& each : scheme_catalogue()) {
        output.object({{"event", "scheme"},
                       {"id", each.id},
                       {"title", each.title},
                       {"description", each.description},
                       {"when", each.when},
                       {"paper", each.paper}});
        std::string text = std::string(each.description) + " " + std::string(each.when);
        if (!each.paper.empty()) text += " (" + std::string(each.paper) + ")";
        entry(output, each.id, each.title, text);
    }
    return exit_code::done;
}

Result<int> list_samples(const Arguments&, Output& output) {
    for (const SampleExperiment& each : sample_experiments()) {
        output.object({{"event", "sample"},
                       {"id", each.id},
                       {"title", each.title},
                       {"description", each.description},
                       {"configuration", Json::parse(to_json(each.config))}});
        entry(output, each.id, each.title, std::string(each.description));
    }
    return exit_code::done;
}

} // namespace limbeck::cli
