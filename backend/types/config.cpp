// SPDX-License-Identifier: GPL-3.0-or-later
// The short forms of specs: "idx:FOLDER", "mlp:hidden=64x64,weights=FILE".
#include "backend/types/config.h"

#include <algorithm>

#include "backend/types/nearest.h"
#include "backend/types/numbers.h"
#include "backend/types/spec_json.h"

namespace limbeck {

namespace {

constexpr std::size_t longest_spec = 8192, longest_option = 256, longest_stack = 4096;

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

Result<void> require_path(std::string_view path, std::string_view what) {
    if (path.size() > longest_spec)
        return failure(ErrorKind::usage, "The " + std::string(what) + " is " + std::to_string(path.size()) +
                                             " bytes long; at most " + std::to_string(longest_spec) +
                                             " are possible.");
    if (!is_utf8(path) || path.find('\0') != std::string_view::npos)
        return failure(ErrorKind::usage, "The " + std::string(what) + " " + in_quotes(path) +
                                             " is not valid UTF-8 text; rename the file or folder.");
    return {};
}

Result<void> require_dataset(const DatasetSpec& spec) {
    if (!is_name(spec.kind))
        return failure(ErrorKind::usage, "A data set is named like glyphs or idx:FOLDER; found " +
                                             in_quotes(spec.kind) + " as its kind.");
    return require_path(spec.path, "folder of the data set");
}

Result<void> require_network(const NetworkSpec& spec) {
    if (!is_name(spec.model))
        return failure(ErrorKind::usage, "A network is named like resnet20 or mlp:hidden=64x64; found " +
                                             in_quotes(spec.model) + ".");
    for (const auto& [key, value] : spec.options) {
        const bool layers = spec.model == stack_model && key == stack_layers_option;
        const bool printable =
            std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; });
        if (!is_name(key) || key == "weights" || value.empty() ||
            value.size() > (layers ? longest_stack : longest_option) || !printable ||
            value.find(layers ? '=' : ',') != std::string::npos)
            return failure(ErrorKind::usage, "The network's option " + in_quotes(key + "=" + value) +
                                                 " is not one of the form name=value, e.g. hidden=64x64.");
    }
    return require_path(spec.weights, "weights file of the network");
}

} // namespace

Result<DatasetSpec> parse_dataset_spec(std::string_view text) {
    if (trimmed(text).starts_with('{')) {
        auto spec = dataset_spec_from_json(text);
        if (!spec) return spec;
        if (auto valid = require_dataset(*spec); !valid) return tl::unexpected(valid.error());
        return spec;
    }
    const std::size_t colon = text.find(':');
    DatasetSpec spec{std::string(trimmed(text.substr(0, colon))), {}};
    if (colon != std::string_view::npos) spec.path = text.substr(colon + 1);
    if (auto valid = require_dataset(spec); !valid) return tl::unexpected(valid.error());
    return spec;
}

Result<NetworkSpec> parse_network_spec(std::string_view text) {
    if (trimmed(text).starts_with('{')) {
        auto spec = network_spec_from_json(text);
        if (!spec) return spec;
        if (auto valid = require_network(*spec); !valid) return tl::unexpected(valid.error());
        return spec;
    }
    const std::size_t colon = text.find(':');
    NetworkSpec spec{std::string(trimmed(text.substr(0, colon))), {}, {}};
    std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    constexpr std::string_view weights = "weights=";
    while (!rest.empty()) {
        if (rest.starts_with(weights)) {
            spec.weights = rest.substr(weights.size()); // a path runs to the end of the string
            if (spec.weights.empty())
                return failure(ErrorKind::usage,
                               "weights= is followed by no file in " + in_quotes(text) + ".");
            break;
        }
        const std::size_t comma = rest.find(',');
        const std::string_view option = rest.substr(0, comma);
        const std::size_t equals = option.find('=');
        if (spec.model == stack_model && equals == std::string_view::npos) {
            auto [layers, first] = spec.options.try_emplace(std::string(stack_layers_option));
            layers->second += (first ? "" : ",") + std::string(option);
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
            continue;
        }
        const std::string key(option.substr(0, equals));
        const std::string value(equals == std::string_view::npos ? std::string_view()
                                                                 : option.substr(equals + 1));
        if (!spec.options.emplace(key, value).second)
            return failure(ErrorKind::usage,
                           "The option " + in_quotes(key) + " stands twice in " + in_quotes(text) + ".");
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (auto valid = require_network(spec); !valid) return tl::unexpected(valid.error());
    return spec;
}

std::string to_string(const DatasetSpec& spec) {
    return spec.path.empty() ? spec.kind : spec.kind + ":" + spec.path;
}

std::string to_string(const NetworkSpec& spec) {
    std::string text = spec.model;
    char separator = ':';
    for (const auto& [key, value] : spec.options) {
        const bool layers = spec.model == stack_model && key == stack_layers_option;
        text += separator + (layers ? value : key + "=" + value);
        separator = ',';
    }
    if (!spec.weights.empty()) text += separator + std::string("weights=") + spec.weights;
    return text;
}

} // namespace limbeck
