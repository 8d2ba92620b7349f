// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/check_specs.h"

#include <algorithm>
#include <cmath>

#include "backend/types/catalogue.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"
#include "backend/types/stack.h"

namespace limbeck {

namespace {

std::string unknown(std::string_view what, std::string_view found,
                    const std::vector<std::string_view>& known) {
    return "there is no " + std::string(what) + " " + in_quotes(found) + "; the nearest is " +
           std::string(nearest_name(found, known)) + " (known: " + listed(known) + ").";
}

/// Hidden widths of an mlp, "64" or "64x64": bounded, so that a slip of the finger is told here and
/// not by a machine without memory.
std::string hidden_problem(std::string_view text) {
    constexpr std::int64_t widest = 65536;
    constexpr std::int64_t most_layers = 64;
    constexpr std::int64_t most_weights = 1 << 28;
    const std::string right = "widths from 1 to 65536 joined by x are right, e.g. hidden=64x64.";
    std::int64_t layers = 0, before = 0, weights = 0;
    for (std::string_view rest = text; !rest.empty() || layers == 0;) {
        const std::size_t cross = rest.find('x');
        const auto width = parse_integer(rest.substr(0, cross));
        if (!width || *width < 1 || *width > widest) return "found hidden=" + in_quotes(text) + "; " + right;
        weights += before * *width;
        before = *width;
        if (++layers > most_layers) return "hidden= names more than 64 layers; " + right;
        if (cross == std::string_view::npos) break;
        rest.remove_prefix(cross + 1);
        if (rest.empty()) return "found hidden=" + in_quotes(text) + "; " + right;
    }
    if (weights > most_weights)
        return "hidden=" + in_quotes(text) + " makes " + std::to_string(weights) +
               " weights between its layers; at most " + std::to_string(most_weights) +
               " (1 GiB) are possible.";
    return {};
}

/// What one option's value should be instead; empty where it is right.
std::string option_problem(std::string_view option, const std::string& value) {
    if (option == "hidden") return hidden_problem(value);
    if (option == "depth") {
        const auto blocks = parse_integer(value);
        if (!blocks || *blocks < 4 || *blocks > 12)
            return "found depth=" + in_quotes(value) + "; a whole number from 4 to 12 is right.";
    }
    if (option == "pool" && value != "cls" && value != "mean")
        return "found pool=" + in_quotes(value) + "; cls or mean is right.";
    if (option == "partial" && value != "0" && value != "1")
        return "found partial=" + in_quotes(value) +
               "; 1 (take from the weights what fits) or 0 (all must fit) is right.";
    if (option == stack_layers_option)
        if (const auto layers = parse_stack(value); !layers) return layers.error().message;
    return {};
}

std::string number_problem(const Field& field, double value, const std::string& shown) {
    if (std::isfinite(value) && value >= field.minimum && value <= field.maximum) return {};
    std::string unit = field.unit.empty() ? "" : " " + std::string(field.unit);
    return "found " + shown + "; a " + (field.kind == FieldKind::integer ? "whole number" : "number") +
           " from " + number_text(field.minimum) + " to " + rounded_text(field.maximum, 16) + unit +
           " is right.";
}

} // namespace

std::string dataset_problem(const DatasetSpec& spec) {
    const DatasetEntry* entry = find_dataset(spec.kind);
    if (!entry) {
        std::vector<std::string_view> known;
        for (const DatasetEntry& each : dataset_catalogue())
            known.push_back(each.kind);
        return unknown("data set", spec.kind, known);
    }
    if (entry->needs_folder && spec.path.empty())
        return spec.kind + " reads a folder and none is chosen; " + spec.kind + ":FOLDER is right.";
    if (!entry->needs_folder && !spec.path.empty())
        return spec.kind + " is made by Limbeck and reads no folder, but " + in_quotes(spec.path) +
               " is given; " + spec.kind + " alone is right.";
    return {};
}

std::string network_problem(const NetworkSpec& spec) {
    const ModelEntry* entry = find_model(spec.model);
    if (!entry) {
        std::vector<std::string_view> known;
        for (const ModelEntry& each : model_catalogue())
            known.push_back(each.name);
        return unknown("network", spec.model, known);
    }
    for (const auto& [option, value] : spec.options) {
        const bool of_all = option == "partial";
        if (!of_all &&
            std::find(entry->options.begin(), entry->options.end(), option) == entry->options.end())
            return spec.model + " has no option " + in_quotes(option) + "; it takes " +
                   (entry->options.empty() ? "weights=FILE only."
                                           : listed(entry->options) + " and weights=FILE.");
        if (std::string reason = option_problem(option, value); !reason.empty()) return reason;
    }
    if (spec.model == stack_model && !spec.options.contains(std::string(stack_layers_option)))
        return "a stack names its layers, and none are given; stack:conv3-32,bn,relu,pool2,fc is right.";
    return {};
}

namespace {

std::string number_range(const OptionEntry& option) {
    if (option.is_switch) return "true or false";
    return std::string(option.is_whole ? "a whole number" : "a number") + " from " +
           number_text(option.minimum) + " to " + number_text(option.maximum);
}

/// "feature.2", "preactivation.1", or two of them with a slash between.
bool is_tap(std::string_view text) {
    for (const std::string_view kind : {"feature.", "preactivation."}) {
        if (!text.starts_with(kind)) continue;
        const auto number = parse_integer(text.substr(kind.size()));
        return number && *number >= 0 && *number < 1000;
    }
    return false;
}

} // namespace

std::string options_problem(std::string_view objective, const TermOptions& options) {
    const ObjectiveEntry* entry = find_objective(objective);
    if (!entry) return {}; // said of the objective itself
    for (const auto& [key, value] : options) {
        const OptionEntry* option = find_option(*entry, key);
        if (!option) {
            std::vector<std::string_view> known;
            const TermOptions defaults = default_options(*entry);
            for (const auto& [name, unused] : defaults)
                known.push_back(name);
            return std::string(objective) + " has no option " + in_quotes(key) + "; it takes " +
                   (known.empty() ? "none." : listed(known) + ".");
        }
        const bool fits = std::isfinite(value) && value >= option->minimum && value <= option->maximum &&
                          (!(option->is_switch || option->is_whole) || value == std::floor(value));
        if (!fits)
            return "found " + key + "=" + number_text(value) + "; " + number_range(*option) + " is right.";
    }
    return {};
}

std::string terms_problem(const std::vector<TermConfig>& terms) {
    for (const TermConfig& term : terms) {
        const ObjectiveEntry* entry = find_objective(term.id);
        if (!entry) {
            std::vector<std::string_view> known;
            for (const ObjectiveEntry& each : objective_catalogue())
                known.push_back(each.id);
            return unknown("objective", term.id, known);
        }
        if (!std::isfinite(term.weight) || term.weight < 0 || term.weight > 1e6)
            return "the weight of " + term.id + " is " + number_text(term.weight) +
                   "; a number from 0 to 1e6 is right.";
        if (!term.taps.empty() && entry->group == ObjectiveGroup::answers)
            return term.id + " compares answers and has no taps; leave taps= out.";
        for (const std::string& tap : term.taps) {
            const std::size_t slash = tap.find('/');
            if (!is_tap(std::string_view(tap).substr(0, slash)) ||
                (slash != std::string::npos && !is_tap(std::string_view(tap).substr(slash + 1))))
                return "found the tap " + in_quotes(tap) +
                       "; feature.N or preactivation.N is right, or two of them (student/teacher).";
        }
        if (std::string reason = options_problem(term.id, term.options); !reason.empty()) return reason;
    }
    return {};
}

std::string networks_problem(const std::vector<NetworkSpec>& networks) {
    for (const NetworkSpec& network : networks)
        if (std::string reason = network_problem(network); !reason.empty()) return reason;
    return {};
}

std::string device_problem(std::string_view device) {
    if (device == "auto" || device == "cpu") return {};
    if (device.starts_with("cuda:") && device.size() <= 8) {
        const auto index = parse_integer(device.substr(5));
        if (index && *index >= 0 && (device[5] != '0' || device.size() == 6)) return {};
    }
    return "found " + in_quotes(device) + "; auto, cpu or cuda:N (N from 0) is right.";
}

std::string field_problem(const Field& field, const ExperimentConfig& config) {
    const FieldValue value = field.get(config);
    switch (field.kind) {
    case FieldKind::boolean:
        return {};
    case FieldKind::integer: {
        const std::int64_t number = std::get<std::int64_t>(value);
        return number_problem(field, static_cast<double>(number), std::to_string(number));
    }
    case FieldKind::real:
        return number_problem(field, std::get<double>(value), number_text(std::get<double>(value)));
    case FieldKind::dataset:
        return dataset_problem(config.data.dataset);
    case FieldKind::network:
        return network_problem(field.key == "teacher.model" ? config.teacher.network
                                                            : config.student.network);
    case FieldKind::networks:
    case FieldKind::terms:
    case FieldKind::options: {
        const std::string& text = std::get<std::string>(value);
        if (field.kind == FieldKind::options)
            return options_problem(config.distillation.objective, config.distillation.options);
        if (field.kind == FieldKind::terms) return terms_problem(config.distillation.terms);
        return networks_problem(parse_networks(text).value_or(std::vector<NetworkSpec>{}));
    }
    case FieldKind::choice:
        break;
    }
    const std::string& text = std::get<std::string>(value);
    if (field.open_choice) return device_problem(text);
    if (std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end()) return {};
    return "found " + in_quotes(text) + "; the nearest is " + std::string(nearest_name(text, field.choices)) +
           " (known: " + listed(field.choices) + ").";
}

} // namespace limbeck
