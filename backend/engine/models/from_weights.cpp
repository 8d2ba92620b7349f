// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/from_weights.h"

#include <algorithm>

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/models/network.h"
#include "backend/engine/models/weights.h"
#include "backend/types/catalogue.h"
#include "backend/types/numbers.h"
#include "backend/types/stack.h"

namespace limbeck {

namespace {

constexpr std::int64_t usual_side = 32, usual_channels = 3, usual_classes = 10; // of weights that do not tell

/// nullptr where there is none of that name and that many axes.
const std::vector<std::int64_t>* shape_of(const TensorMap& weights, const std::string& name,
                                          std::size_t axes) {
    const auto found = weights.tensors.find(name);
    if (found == weights.tensors.end() || found->second.shape.size() != axes) return nullptr;
    return &found->second.shape;
}

/// "[3,32,32]", as export writes it.
std::optional<InputSpec> exported_input(const TensorMap& weights) {
    const auto found = weights.metadata.find("limbeck.input");
    if (found == weights.metadata.end()) return std::nullopt;
    std::string_view rest = found->second;
    if (!rest.starts_with('[') || !rest.ends_with(']')) return std::nullopt;
    rest = rest.substr(1, rest.size() - 2);
    InputSpec input;
    while (true) {
        const std::size_t comma = rest.find(',');
        const auto number = parse_integer(rest.substr(0, comma));
        if (!number || *number < 1) return std::nullopt;
        input.shape.push_back(*number);
        if (comma == std::string_view::npos) return input;
        rest.remove_prefix(comma + 1);
    }
}

/// Two factors of n, as near to each other as can be, the smaller first.
std::pair<std::int64_t, std::int64_t> factors(std::int64_t n) {
    std::int64_t low = 1;
    for (std::int64_t i = 2; i * i <= n; ++i)
        if (n % i == 0) low = i;
    return {low, std::max<std::int64_t>(n, 1) / low};
}

InputSpec picture(std::int64_t channels, std::int64_t side) {
    return {{channels, side, side}};
}

std::string stack_weight(const std::vector<StackLayer>& layers, std::size_t i) {
    return (i + 1 == layers.size() ? "fc" : "layers." + std::to_string(i)) + ".weight";
}

/// Whether the linear layers of a stack read as many values of such a picture as they do in the file.
bool reads(const std::vector<StackLayer>& layers, const TensorMap& weights, const InputSpec& input) {
    const auto flow = flow_shapes(layers, input.shape, usual_classes);
    if (!flow) return false;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (layers[i].kind != StackLayer::Kind::linear) continue;
        const auto* shape = shape_of(weights, stack_weight(layers, i), 2);
        const std::int64_t width = layers[i].width == 0 ? usual_classes : layers[i].width;
        if (shape && (*flow)[i].parameters != width * ((*shape)[1] + 1)) return false;
    }
    return true;
}

InputSpec stack_input(const NetworkSpec& spec, const TensorMap& weights) {
    constexpr std::int64_t largest = 512;
    const auto option = spec.options.find(std::string(stack_layers_option));
    const auto layers = parse_stack(option == spec.options.end() ? "" : option->second);
    if (!layers) return picture(usual_channels, usual_side);
    const auto first = std::find_if(layers->begin(), layers->end(), [](const StackLayer& layer) {
        return layer.kind == StackLayer::Kind::convolution || layer.kind == StackLayer::Kind::linear;
    });
    if (first == layers->end()) return picture(usual_channels, usual_side);
    const bool convolves = first->kind == StackLayer::Kind::convolution;
    const auto* shape = shape_of(
        weights, stack_weight(*layers, static_cast<std::size_t>(first - layers->begin())), convolves ? 4 : 2);
    if (!convolves) return {{shape ? (*shape)[1] : 1}};
    const std::int64_t channels = shape ? (*shape)[1] : usual_channels;
    if (reads(*layers, weights, picture(channels, usual_side))) return picture(channels, usual_side);
    for (std::int64_t side = 1; side <= largest; ++side)
        if (reads(*layers, weights, picture(channels, side))) return picture(channels, side);
    return picture(channels, usual_side);
}

} // namespace

Result<std::int64_t> classes_from(const NetworkSpec& spec, const InputSpec& input, const TensorMap& weights) {
    const auto probe = build_network(spec, input, 2);
    if (!probe) return tl::unexpected<Error>(probe.error());
    // The classifier is the last layer of every network; its name is the same for any number of classes.
    const std::string name = (*probe)->named_parameters().back().key();
    const auto found = weights.tensors.find(name);
    if (found == weights.tensors.end() || found->second.shape.empty() || found->second.shape[0] < 2)
        return failure(ErrorKind::data, "The weights are not those of " + spec.model + ": they have no \"" +
                                            name + "\" that would tell the number of classes.");
    return found->second.shape[0];
}

InputSpec input_from(const NetworkSpec& spec, const TensorMap& weights) {
    if (const auto input = exported_input(weights)) return *input;
    if (spec.model == "stack") return stack_input(spec, weights);
    if (spec.model == "mlp") {
        const auto* shape = shape_of(weights, "hidden.0.weight", 2);
        return {{shape ? (*shape)[1] : 1}};
    }
    const ModelEntry* entry = find_model(spec.model);
    const std::int64_t side = std::max<std::int64_t>(entry ? entry->minimum_side : 0, usual_side);
    const auto probe = build_network(spec, picture(usual_channels, side), usual_classes);
    if (!probe) return picture(usual_channels, side);
    std::int64_t channels = usual_channels;
    for (const auto& item : (*probe)->named_parameters()) {
        if (item.value().dim() != 4) continue; // what stands before the first convolution reads no picture
        if (const auto* shape = shape_of(weights, item.key(), 4)) channels = (*shape)[1];
        break;
    }
    if (const auto* shape = shape_of(weights, "pos_embed", 3); shape && spec.model == "vit_tiny") {
        const auto [rows, columns] = factors((*shape)[1] - 1); // of patches of 4×4, beside the class token
        return {{channels, 4 * rows, 4 * columns}};
    }
    if (const auto* shape = shape_of(weights, "fc1.weight", 2); shape && spec.model == "lenet") {
        const auto [rows, columns] = factors((*shape)[1] / 32); // of what is left after two poolings
        return {{channels, 4 * rows, 4 * columns}};
    }
    return picture(channels, side);
}

Result<WeightsReport> compare_weights(const NetworkSpec& spec, const TensorMap& weights, InputSpec input,
                                      std::int64_t classes) {
    return guarded("comparing weights with " + spec.model, [&]() -> Result<WeightsReport> {
        if (input.shape.empty()) input = input_from(spec, weights);
        if (classes == 0) classes = classes_from(spec, input, weights).value_or(usual_classes);
        const auto network = build_network(spec, input, classes);
        if (!network) return tl::unexpected<Error>(network.error());
        return compare_with(**network, weights);
    });
}

} // namespace limbeck
