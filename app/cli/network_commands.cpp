// SPDX-License-Identifier: GPL-3.0-or-later
// weights and cost: whether a file fits a network, and what a network costs, layer by layer.
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/on_engine.h"
#include "app/cli/text.h"
#include "backend/project/safetensors.h"
#include "backend/types/catalogue.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

Result<NetworkSpec> known_network(const std::string& text) {
    auto network = parse_network_spec(text);
    if (!network || find_model(network->model)) return network;
    std::vector<std::string_view> names;
    for (const ModelEntry& each : model_catalogue())
        names.push_back(each.name);
    return failure(ErrorKind::usage,
                   "There is no network " + in_quotes(network->model) + "; the nearest is " +
                       std::string(nearest_name(network->model, names)) + " (known: " + listed(names) + ").");
}

Result<std::string> required_file(const Arguments& arguments, std::string_view option) {
    if (auto value = arguments.value(option)) return *value;
    return failure(ErrorKind::usage, std::string(option) + " FILE is missing.");
}

namespace {

/// "3x32x32" or "2"; without the option an input without a shape.
Result<InputSpec> input_option(const Arguments& arguments) {
    InputSpec input;
    const auto text = arguments.value("--input");
    if (!text) return input;
    for (std::string_view rest = *text;;) {
        const std::size_t cross = rest.find('x');
        const auto number = parse_integer(rest.substr(0, cross));
        if (!number || *number < 1 || *number > 65536 || input.shape.size() == 3)
            return failure(ErrorKind::usage,
                           "--input is " + in_quotes(*text) +
                               "; CxHxW as in 3x32x32, or the length of a vector, is right.");
        input.shape.push_back(*number);
        if (cross == std::string_view::npos) break;
        rest.remove_prefix(cross + 1);
    }
    if (input.shape.size() != 2) return input;
    return failure(ErrorKind::usage,
                   "--input " + in_quotes(*text) + " names two sides; three (CxHxW) or one are right.");
}

/// 0 without the option.
Result<std::int64_t> classes_option(const Arguments& arguments) {
    const auto text = arguments.value("--classes");
    if (!text) return 0;
    const auto number = parse_integer(*text);
    if (number && *number >= 2 && *number <= 1'000'000) return *number;
    return failure(ErrorKind::usage,
                   "--classes is " + in_quotes(*text) + "; a whole number from 2 is right.");
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t n : shape)
        text += (text.empty() ? "" : "×") + std::to_string(n);
    return text;
}

std::string whole(std::int64_t number) {
    return grouped(static_cast<double>(number));
}

void list(Output& output, std::string_view title, const std::vector<std::string>& names) {
    output.line(std::string(title) + ": " + std::to_string(names.size()));
    for (const std::string& name : names)
        output.line("  " + name);
}

void table_of(Output& output, const std::vector<LayerCost>& layers) {
    std::vector<std::vector<std::string>> rows{
        {"layer", "kind", "output", "parameters", "bytes", "multiply-adds", "activations"}};
    for (const LayerCost& layer : layers)
        rows.push_back({layer.name, layer.kind, shape_text(layer.output), whole(layer.parameters),
                        whole(layer.bytes), whole(layer.multiply_adds), bytes_text(layer.activation_bytes)});
    output.line(table(rows, 3));
}

} // namespace

Result<int> compare_weights(const Arguments& arguments, Output& output) {
    const auto file = required_file(arguments, "--weights");
    if (!file) return tl::unexpected(file.error());
    const auto network = known_network(arguments.positional[0]);
    if (!network) return tl::unexpected(network.error());
    const auto input = input_option(arguments);
    if (!input) return tl::unexpected(input.error());
    const auto classes = classes_option(arguments);
    if (!classes) return tl::unexpected(classes.error());
    const auto weights = read_safetensors(*file);
    if (!weights) return tl::unexpected(weights.error());
    const auto report = on_engine<WeightsReport>(
        [&](Engine& engine) { return engine.compare_weights(*network, *weights, *input, *classes); });
    if (!report) return tl::unexpected(report.error());
    const bool fits = report->missing.empty() && report->unexpected.empty() && report->mismatched.empty();
    const int code = fits ? exit_code::done : exit_code::failed;
    output.object({{"event", "weights"},
                   {"network", to_string(*network)},
                   {"file", *file},
                   {"fitting", report->fitting},
                   {"missing", report->missing},
                   {"unexpected", report->unexpected},
                   {"mismatched", report->mismatched},
                   {"exit_code", code}});
    list(output, "Fitting", report->fitting);
    list(output, "Missing", report->missing);
    list(output, "Unexpected", report->unexpected);
    list(output, "Of another shape or type", report->mismatched);
    output.line(fits ? "All of " + *file + " fits " + to_string(*network) + "."
                     : *file + " does not fit " + to_string(*network) +
                           " as a whole; the option partial=1 takes what fits and draws the rest.");
    return code;
}

Result<int> cost_by_layer(const Arguments& arguments, Output& output) {
    const auto network = known_network(arguments.positional[0]);
    if (!network) return tl::unexpected(network.error());
    for (const char* option : {"--input", "--classes"})
        if (!arguments.has(option))
            return failure(ErrorKind::usage,
                           std::string(option) + " is missing; --input 3x32x32 --classes 10 is right.");
    const auto input = input_option(arguments);
    if (!input) return tl::unexpected(input.error());
    const auto classes = classes_option(arguments);
    if (!classes) return tl::unexpected(classes.error());
    using Costs = std::pair<std::vector<LayerCost>, NetworkCost>;
    const auto costs = on_engine<Costs>([&](Engine& engine) -> Result<Costs> {
        auto layers = engine.layer_costs(*network, *input, *classes);
        if (!layers) return tl::unexpected(layers.error());
        auto total = engine.cost(*network, *input, *classes, /*measure_latency=*/false);
        if (!total) return tl::unexpected(total.error());
        return Costs{std::move(*layers), *total};
    });
    if (!costs) return tl::unexpected(costs.error());
    const auto& [layers, total] = *costs;
    for (const LayerCost& layer : layers)
        output.object({{"event", "layer"},
                       {"name", layer.name},
                       {"kind", layer.kind},
                       {"output", layer.output},
                       {"parameters", layer.parameters},
                       {"bytes", layer.bytes},
                       {"multiply_adds", layer.multiply_adds},
                       {"activation_bytes", layer.activation_bytes}});
    output.object({{"event", "cost"},
                   {"network", to_string(*network)},
                   {"input", input->shape},
                   {"classes", *classes},
                   {"parameters", total.parameters},
                   {"bytes", total.bytes},
                   {"flops", total.flops}});
    table_of(output, layers);
    output.line("\n" + whole(total.parameters) + " parameters, " + whole(total.bytes) +
                " bytes in float32, " + whole(total.flops / 2) + " multiply-adds (" + whole(total.flops) +
                " FLOPs) a sample.");
    return exit_code::done;
}

} // namespace limbeck::cli
