// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/stack.h"

#include <array>
#include <limits>
#include <optional>

#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

using Kind = StackLayer::Kind;

constexpr std::size_t most_layers = 200;
constexpr std::int64_t widest = 65536, largest_side = 64, most_values = 1 << 28,
                       most_parameters = 1'000'000'000;

struct Word {
    std::string_view text;
    Kind kind;
};

/// Words that stand alone, and beginnings of those that a number follows.
constexpr std::array plain_words{Word{"bn", Kind::batch_norm}, Word{"relu", Kind::relu},
                                 Word{"gelu", Kind::gelu}, Word{"gap", Kind::global_pool},
                                 Word{"flatten", Kind::flatten}};
constexpr std::array numbered_words{Word{"conv", Kind::convolution}, Word{"pool", Kind::max_pool},
                                    Word{"avg", Kind::average_pool}, Word{"drop", Kind::dropout},
                                    Word{"fc", Kind::linear}};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

tl::unexpected<Error> at(std::size_t place, std::string_view layer, const std::string& why) {
    return failure(ErrorKind::configuration,
                   "layer " + std::to_string(place + 1) + ", " + std::string(layer) + ": " + why);
}

/// A whole number from 1 to `most`.
std::optional<std::int64_t> count(std::string_view text, std::int64_t most) {
    const auto number = parse_integer(text);
    return number && *number >= 1 && *number <= most ? number : std::nullopt;
}

/// "K-C" or "K-CsS" after "conv".
bool read_convolution(std::string_view rest, StackLayer& layer) {
    const std::size_t dash = rest.find('-');
    if (dash == std::string_view::npos) return false;
    std::string_view width = rest.substr(dash + 1);
    const std::size_t s = width.find('s');
    const auto side = count(rest.substr(0, dash), largest_side);
    const auto channels = count(width.substr(0, s), widest);
    const auto stride = s == std::string_view::npos ? std::optional<std::int64_t>(1)
                                                    : count(width.substr(s + 1), largest_side);
    if (!side || !channels || !stride) return false;
    layer.side = *side;
    layer.width = *channels;
    layer.stride = *stride;
    return true;
}

bool read_numbers(std::string_view rest, StackLayer& layer) {
    switch (layer.kind) {
    case Kind::convolution:
        return read_convolution(rest, layer);
    case Kind::linear:
        if (rest.empty()) return true; // the classifier
        if (const auto width = count(rest, widest)) return layer.width = *width, true;
        return false;
    case Kind::dropout: {
        const auto probability = parse_real(rest);
        if (!probability || !(*probability > 0 && *probability < 1)) return false;
        layer.probability = *probability;
        return true;
    }
    default: {
        const auto side = count(rest, largest_side);
        if (!side) return false;
        layer.side = layer.stride = *side;
        return true;
    }
    }
}

Result<StackLayer> parse_layer(std::string_view text, std::size_t place) {
    StackLayer layer;
    for (const Word& word : plain_words) {
        if (text != word.text) continue;
        layer.kind = word.kind;
        return layer;
    }
    for (const Word& word : numbered_words) {
        if (!text.starts_with(word.text)) continue;
        layer.kind = word.kind;
        if (read_numbers(text.substr(word.text.size()), layer)) return layer;
    }
    return at(place, in_quotes(text),
              "this is none of convK-C, convK-CsS, bn, relu, gelu, poolK, avgK, gap, dropP, flatten, fcN, fc "
              "(K and S from 1 to 64, C and N from 1 to 65536, P between 0 and 1).");
}

std::string shape_words(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

/// Product with an upper bound; nothing where it is above.
std::optional<std::int64_t> product(std::initializer_list<std::int64_t> factors, std::int64_t most) {
    std::int64_t result = 1;
    for (const std::int64_t factor : factors) {
        if (factor < 0 || (factor > 0 && result > most / factor)) return std::nullopt;
        result *= factor;
    }
    return result;
}

std::int64_t values(const std::vector<std::int64_t>& shape) {
    std::int64_t all = 1;
    for (const std::int64_t size : shape)
        all *= size;
    return all;
}

/// One layer on one shape; an error is the reason alone.
Result<StackShape> step(const StackLayer& layer, const std::vector<std::int64_t>& shape,
                        std::int64_t classes) {
    const auto wrong = [&](const std::string& why) -> Result<StackShape> {
        return failure(ErrorKind::configuration, "meets " + shape_words(shape) + ", " + why);
    };
    const bool picture = shape.size() == 3;
    StackShape next{shape, 0};
    switch (layer.kind) {
    case Kind::relu:
    case Kind::gelu:
    case Kind::dropout:
        return next;
    case Kind::batch_norm:
        next.parameters = 2 * shape[0];
        return next;
    case Kind::flatten:
        next.shape = {values(shape)};
        return next;
    case Kind::linear: {
        const std::int64_t width = layer.width > 0 ? layer.width : classes;
        const auto weights = product({values(shape) + 1, width}, most_parameters);
        if (!weights)
            return wrong("of which " + std::to_string(width) +
                         " values would need more than a billion weights.");
        next.shape = {width};
        next.parameters = *weights;
        return next;
    }
    default:
        break;
    }
    if (!picture) return wrong("which is no picture [C, H, W] any more; put it before flatten, gap and fc.");
    if (layer.kind == Kind::global_pool) {
        next.shape = {shape[0]};
        return next;
    }
    if (layer.kind == Kind::convolution) {
        const auto out = [&](std::int64_t n) {
            return (n + 2 * (layer.side / 2) - layer.side) / layer.stride + 1;
        };
        if (shape[1] + 2 * (layer.side / 2) < layer.side || shape[2] + 2 * (layer.side / 2) < layer.side)
            return wrong("which is smaller than the convolution.");
        next.shape = {layer.width, out(shape[1]), out(shape[2])};
        const auto weights = product({layer.width, shape[0], layer.side, layer.side}, most_parameters);
        if (!weights) return wrong("where it would need more than a billion weights.");
        next.parameters = *weights + layer.width;
    } else {
        if (shape[1] < layer.side || shape[2] < layer.side)
            return wrong("which is smaller than " + std::to_string(layer.side) + "×" +
                         std::to_string(layer.side) + ".");
        next.shape = {shape[0], shape[1] / layer.side, shape[2] / layer.side};
    }
    if (!product({next.shape[0], next.shape[1], next.shape[2]}, most_values))
        return wrong("which it would blow up beyond what fits into memory.");
    return next;
}

} // namespace

Result<std::vector<StackLayer>> parse_stack(std::string_view text) {
    std::vector<StackLayer> layers;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view word = trimmed(text.substr(0, comma));
        if (word.empty())
            return at(layers.size(), "which is empty",
                      "a layer such as conv3-32 or relu is missing between commas.");
        auto layer = parse_layer(word, layers.size());
        if (!layer) return tl::unexpected(layer.error());
        layers.push_back(*layer);
        if (layers.size() > most_layers)
            return failure(ErrorKind::configuration,
                           "a stack has at most " + std::to_string(most_layers) + " layers; found more.");
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    if (layers.back().kind != Kind::linear || layers.back().width != 0)
        return at(layers.size() - 1, to_string(layers.back()),
                  "the last layer is the classifier; fc without a number is right.");
    for (std::size_t i = 0; i + 1 < layers.size(); ++i)
        if (layers[i].kind == Kind::linear && layers[i].width == 0)
            return at(i, "fc", "the classifier is the last layer; fcN is right here, e.g. fc128.");
    return layers;
}

std::string to_string(const StackLayer& layer) {
    for (const Word& word : plain_words)
        if (layer.kind == word.kind) return std::string(word.text);
    std::string text;
    for (const Word& word : numbered_words)
        if (layer.kind == word.kind) text = word.text;
    switch (layer.kind) {
    case Kind::convolution:
        text += std::to_string(layer.side) + "-" + std::to_string(layer.width);
        return layer.stride > 1 ? text + "s" + std::to_string(layer.stride) : text;
    case Kind::dropout:
        return text + number_text(layer.probability);
    case Kind::linear:
        return layer.width > 0 ? text + std::to_string(layer.width) : text;
    default:
        return text + std::to_string(layer.side);
    }
}

std::string to_string(const std::vector<StackLayer>& layers) {
    std::string text;
    for (const StackLayer& layer : layers)
        text += (text.empty() ? "" : ",") + to_string(layer);
    return text;
}

Result<std::vector<StackShape>> flow_shapes(const std::vector<StackLayer>& layers,
                                            const std::vector<std::int64_t>& input, std::int64_t classes) {
    const bool fits = (input.size() == 1 || input.size() == 3) &&
                      (input.size() == 1 ? product({input[0]}, most_values)
                                         : product({input[0], input[1], input[2]}, most_values));
    if (!fits || values(input) < 1)
        return failure(ErrorKind::configuration,
                       "a stack takes pictures [C, H, W] or values [D]; the data are " + shape_words(input) +
                           ".");
    std::vector<StackShape> shapes;
    std::vector<std::int64_t> shape = input;
    std::int64_t parameters = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        auto next = step(layers[i], shape, classes);
        if (!next) return at(i, to_string(layers[i]), next.error().message);
        parameters += next->parameters;
        if (parameters > most_parameters)
            return at(i, to_string(layers[i]), "up to here the network has more than a billion parameters.");
        shape = next->shape;
        shapes.push_back(std::move(*next));
    }
    return shapes;
}

} // namespace limbeck
