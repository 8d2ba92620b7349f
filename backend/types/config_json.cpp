// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "backend/types/catalogue.h"
#include "backend/types/config.h"
#include "backend/types/fields.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"
#include "backend/types/spec_json.h"

namespace limbeck {

namespace {

using nlohmann::json;

constexpr std::size_t largest_text = 1 << 20;
constexpr int deepest = 16;

struct DuplicateKey {
    std::string key;
};

/// Parses with bounds on size and depth, and refuses a key that stands twice (JSON itself leaves
/// open which of them counts).
Result<json> parse_json(std::string_view text) {
    if (text.size() > largest_text)
        return failure(ErrorKind::configuration, "The JSON has " + std::to_string(text.size()) +
                                                     " bytes; a configuration has at most " +
                                                     std::to_string(largest_text) + ".");
    std::vector<std::set<std::string>> keys;
    bool too_deep = false;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > deepest) too_deep = true;
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
        if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
            throw DuplicateKey{parsed.get<std::string>()};
        return depth <= deepest;
    };
    try {
        json value = json::parse(text.begin(), text.end(), watch);
        if (too_deep)
            return failure(ErrorKind::configuration, "The JSON is nested more than " +
                                                         std::to_string(deepest) +
                                                         " levels deep; a configuration has four.");
        return value;
    } catch (const DuplicateKey& duplicate) {
        return failure(ErrorKind::configuration,
                       "The key " + in_quotes(duplicate.key) + " stands twice in one JSON object.");
    } catch (const json::exception& error) {
        return failure(ErrorKind::configuration, "The text is not JSON that can be read.", {}, error.what());
    }
}

tl::unexpected<Error> unreadable(std::string_view what, const Error& error) {
    return failure(error.kind,
                   std::string(what) + ": " + error.message +
                       (error.detail.empty() ? "" : " " + error.detail),
                   error.field, error.detail);
}

Result<DatasetSpec> dataset_spec(const json& value) {
    DatasetSpec spec;
    for (const auto& [key, member] : value.items()) {
        if ((key != "kind" && key != "path") || !member.is_string())
            return failure(ErrorKind::configuration,
                           "A data set is {\"kind\": TEXT, \"path\": TEXT}; found the member " +
                               in_quotes(key) + " (" + member.type_name() + ").");
        (key == "kind" ? spec.kind : spec.path) = member.get<std::string>();
    }
    return spec;
}

Result<NetworkSpec> network_spec(const json& value) {
    NetworkSpec spec;
    for (const auto& [key, member] : value.items()) {
        if (key == "options" && member.is_object()) {
            for (const auto& [option, setting] : member.items()) {
                if (setting.is_string())
                    spec.options[option] = setting.get<std::string>();
                else if (setting.is_number_integer() || setting.is_boolean())
                    spec.options[option] = setting.dump();
                else
                    return failure(ErrorKind::configuration, "The network's option " + in_quotes(option) +
                                                                 " is a JSON " + setting.type_name() +
                                                                 "; a text like \"64x64\" is right.");
            }
        } else if ((key == "model" || key == "weights") && member.is_string()) {
            (key == "model" ? spec.model : spec.weights) = member.get<std::string>();
        } else {
            return failure(
                ErrorKind::configuration,
                "A network is {\"model\": TEXT, \"options\": {…}, \"weights\": TEXT}; found the member " +
                    in_quotes(key) + " (" + member.type_name() + ").");
        }
    }
    return spec;
}

Result<TermOptions> term_options(const json& value) {
    TermOptions options;
    if (!value.is_object())
        return failure(ErrorKind::configuration,
                       "Options are a JSON object like {\"beta\": 8}; found a JSON " +
                           std::string(value.type_name()) + ".");
    for (const auto& [key, member] : value.items()) {
        if (member.is_boolean())
            options[key] = member.get<bool>() ? 1 : 0;
        else if (member.is_number() && std::isfinite(member.get<double>()))
            options[key] = member.get<double>();
        else
            return failure(ErrorKind::configuration, "The option " + in_quotes(key) + " is a JSON " +
                                                         member.type_name() +
                                                         "; a number, true or false is right.");
    }
    return options;
}

Result<TermConfig> term(const json& value) {
    const auto wrong = [](const std::string& found) {
        return failure(ErrorKind::configuration,
                       "A term is {\"id\": TEXT, \"weight\": NUMBER, \"taps\": [TEXT, …], \"options\": {…}}; "
                       "found " +
                           found + ".");
    };
    if (!value.is_object() || !value.contains("id") || !value["id"].is_string())
        return wrong("a JSON " + std::string(value.type_name()) + " without an id");
    TermConfig term;
    term.id = value["id"].get<std::string>();
    const ObjectiveEntry* entry = find_objective(term.id);
    term.weight = entry ? entry->weight : 1;
    for (const auto& [key, member] : value.items()) {
        const bool texts =
            member.is_array() &&
            std::all_of(member.begin(), member.end(), [](const json& each) { return each.is_string(); });
        if (key == "id") continue;
        if (key == "weight" && member.is_number() && std::isfinite(member.get<double>())) {
            term.weight = member.get<double>();
        } else if (key == "taps" && texts) {
            term.taps = member.get<std::vector<std::string>>();
        } else if (key == "options") {
            auto options = term_options(member);
            if (!options) return tl::unexpected(options.error());
            term.options = std::move(*options);
        } else {
            return wrong("the member " + in_quotes(key) + " (" + member.type_name() + ")");
        }
    }
    return term;
}

json term_json(const TermConfig& term) {
    return {{"id", term.id}, {"weight", term.weight}, {"taps", term.taps}, {"options", json(term.options)}};
}

json network_json(const NetworkSpec& spec) {
    return {{"model", spec.model}, {"options", json(spec.options)}, {"weights", spec.weights}};
}

Result<json> array_from(std::string_view text) {
    auto value = parse_json(text);
    if (value && !value->is_array())
        return failure(ErrorKind::configuration,
                       "A JSON array was expected; found a JSON " + std::string(value->type_name()) + ".");
    return value;
}

Result<json> object_from(std::string_view text) {
    auto value = parse_json(text);
    if (value && !value->is_object())
        return failure(ErrorKind::configuration,
                       "A JSON object was expected; found a JSON " + std::string(value->type_name()) + ".");
    return value;
}

json field_json(const Field& field, const ExperimentConfig& config) {
    const FieldValue value = field.get(config);
    if (field.kind == FieldKind::dataset) {
        const DatasetSpec& spec = config.data.dataset;
        return {{"kind", spec.kind}, {"path", spec.path}};
    }
    if (field.kind == FieldKind::network)
        return network_json(field.key == "teacher.model" ? config.teacher.network : config.student.network);
    const auto& text = std::get_if<std::string>(&value);
    // What the field gives as text is its own short form, so it can always be read.
    if (field.kind == FieldKind::networks) {
        json array = json::array();
        for (const NetworkSpec& spec : parse_networks(*text).value_or(std::vector<NetworkSpec>{}))
            array.push_back(network_json(spec));
        return array;
    }
    if (field.kind == FieldKind::terms) {
        json array = json::array();
        for (const TermConfig& each : parse_terms(*text).value_or(std::vector<TermConfig>{}))
            array.push_back(term_json(each));
        return array;
    }
    if (field.kind == FieldKind::options) return json(parse_term_options(*text).value_or(TermOptions{}));
    return std::visit([](const auto& known) { return json(known); }, value);
}

Result<FieldValue> field_value(const Field& field, const json& value) {
    const auto wrong = [&](std::string_view right) {
        std::string found = value.dump(-1, ' ', false, json::error_handler_t::replace);
        return failure(ErrorKind::configuration,
                       std::string(field.key) + ": found " + in_quotes(found) + ", which is a JSON " +
                           value.type_name() + "; " + std::string(right) + " is right.",
                       std::string(field.key));
    };
    switch (field.kind) {
    case FieldKind::boolean:
        if (!value.is_boolean()) return wrong("true or false");
        return FieldValue(value.get<bool>());
    case FieldKind::integer: {
        if (value.is_number_unsigned() &&
            value.get<std::uint64_t>() <= std::uint64_t(std::numeric_limits<std::int64_t>::max()))
            return FieldValue(value.get<std::int64_t>());
        if (value.is_number_integer() && !value.is_number_unsigned())
            return FieldValue(value.get<std::int64_t>());
        constexpr double exact = 9007199254740992.0; // whole numbers up to 2^53 are doubles
        if (value.is_number_float()) {
            const double number = value.get<double>();
            if (std::abs(number) <= exact && number == std::floor(number))
                return FieldValue(static_cast<std::int64_t>(number));
        }
        return wrong("a whole number");
    }
    case FieldKind::real:
        if (!value.is_number() || !std::isfinite(value.get<double>())) return wrong("a number");
        return FieldValue(value.get<double>());
    case FieldKind::choice:
        if (!value.is_string()) return wrong("a text");
        return FieldValue(value.get<std::string>());
    case FieldKind::networks:
    case FieldKind::terms:
        if (value.is_string()) return FieldValue(value.get<std::string>());
        if (!value.is_array()) return wrong("an array or its short form in quotes");
        return FieldValue(value.dump(-1, ' ', false, json::error_handler_t::replace));
    case FieldKind::dataset:
    case FieldKind::network:
    case FieldKind::options:
        if (value.is_string()) return FieldValue(value.get<std::string>());
        if (!value.is_object()) return wrong("an object or its short form in quotes");
        return FieldValue(value.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    return wrong("another value");
}

bool is_section(std::string_view key) {
    for (const Field& field : fields())
        if (field.key.size() > key.size() && field.key.starts_with(key) && field.key[key.size()] == '.')
            return true;
    return false;
}

Result<void> read_section(ExperimentConfig& config, const json& object, const std::string& prefix) {
    for (const auto& [name, value] : object.items()) {
        const std::string key = prefix.empty() ? name : prefix + "." + name;
        if (const Field* field = find_field(key)) {
            auto known = field_value(*field, value);
            if (!known) return tl::unexpected(known.error());
            if (auto set = field->set(config, *known); !set)
                return failure(ErrorKind::configuration, key + ": " + set.error().message, key,
                               set.error().detail);
        } else if (is_section(key)) {
            if (!value.is_object())
                return failure(ErrorKind::configuration, "The section " + in_quotes(key) + " is a JSON " +
                                                             value.type_name() +
                                                             "; an object with its settings is right.");
            if (auto read = read_section(config, value, key); !read) return read;
        } else {
            return failure(ErrorKind::configuration,
                           "There is no setting " + in_quotes(key) + "; the nearest is " +
                               std::string(nearest_key(key)) + ".",
                           key);
        }
    }
    return {};
}

} // namespace

Result<DatasetSpec> dataset_spec_from_json(std::string_view text) {
    auto object = object_from(text);
    if (!object) return unreadable("Reading a data set's specification", object.error());
    return dataset_spec(*object);
}

Result<NetworkSpec> network_spec_from_json(std::string_view text) {
    auto object = object_from(text);
    if (!object) return unreadable("Reading a network's specification", object.error());
    return network_spec(*object);
}

Result<TermOptions> term_options_from_json(std::string_view text) {
    auto object = object_from(text);
    if (!object) return unreadable("Reading an objective's options", object.error());
    return term_options(*object);
}

Result<std::vector<TermConfig>> terms_from_json(std::string_view text) {
    auto array = array_from(text);
    if (!array) return unreadable("Reading the terms of a loss", array.error());
    std::vector<TermConfig> terms;
    for (const json& each : *array) {
        auto read =
            each.is_string() ? parse_terms(each.get<std::string>()) : Result<std::vector<TermConfig>>();
        if (!each.is_string()) {
            auto one = term(each);
            if (!one) return tl::unexpected(one.error());
            read->push_back(std::move(*one));
        }
        if (!read) return tl::unexpected(read.error());
        terms.insert(terms.end(), read->begin(), read->end());
    }
    return terms;
}

Result<std::vector<NetworkSpec>> networks_from_json(std::string_view text) {
    auto array = array_from(text);
    if (!array) return unreadable("Reading a list of networks", array.error());
    std::vector<NetworkSpec> networks;
    for (const json& each : *array) {
        auto spec =
            parse_network_spec(each.is_string() ? each.get<std::string>()
                                                : each.dump(-1, ' ', false, json::error_handler_t::replace));
        if (!spec) return tl::unexpected(spec.error());
        networks.push_back(std::move(*spec));
    }
    return networks;
}

std::string to_json(const ExperimentConfig& config) {
    json root = json::object();
    for (const Field& field : fields()) {
        json* place = &root;
        std::string_view key = field.key;
        for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
            place = &(*place)[std::string(key.substr(0, dot))];
            key.remove_prefix(dot + 1);
        }
        (*place)[std::string(key)] = field_json(field, config);
    }
    return root.dump(2, ' ', false, json::error_handler_t::replace);
}

Result<ExperimentConfig> config_from_json(std::string_view text) {
    auto object = object_from(text);
    if (!object) return unreadable("Reading a configuration", object.error());
    ExperimentConfig config;
    if (auto read = read_section(config, *object, ""); !read) return tl::unexpected(read.error());
    return config;
}

} // namespace limbeck
