// SPDX-License-Identifier: GPL-3.0-or-later
// The short forms of options, terms and lists of networks, and the terms that a configuration stands for.
#include <algorithm>

#include "backend/types/catalogue.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"
#include "backend/types/spec_json.h"

namespace limbeck {

namespace {

constexpr std::size_t longest_list = 65536;
constexpr std::size_t most_terms = 16;
constexpr std::size_t most_networks = 8;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(trimmed(text.substr(0, at)));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

tl::unexpected<Error> wrong(std::string message) {
    return failure(ErrorKind::usage, std::move(message));
}

bool is_option_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

Result<void> put_option(TermOptions& options, std::string_view key, std::string_view value,
                        std::string_view whole) {
    if (!is_option_name(key))
        return wrong("An option is name=number, as in beta=8; found " + in_quotes(key) + " in " +
                     in_quotes(whole) + ".");
    auto number = parse_real(value);
    if (!number) {
        const auto flag = parse_boolean(value);
        if (!flag)
            return wrong("The option " + in_quotes(key) + " is a number, true or false; found " +
                         in_quotes(value) + ".");
        number = *flag ? 1 : 0;
    }
    if (!options.emplace(key, *number).second)
        return wrong("The option " + in_quotes(key) + " stands twice in " + in_quotes(whole) + ".");
    return {};
}

Result<TermConfig> parse_term(std::string_view text) {
    TermConfig term;
    const std::size_t colon = text.find(':');
    term.id = trimmed(text.substr(0, colon));
    if (term.id.empty())
        return wrong("A term begins with the id of an objective, as in at:weight=1000; found " +
                     in_quotes(text) + ".");
    const ObjectiveEntry* entry = find_objective(term.id);
    term.weight = entry ? entry->weight : 1;
    if (colon == std::string_view::npos) return term;
    for (const std::string_view part : split(text.substr(colon + 1), ',')) {
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos)
            return wrong("A term is ID:name=value,…, as in at:weight=1000; found " + in_quotes(part) + ".");
        const std::string_view key = trimmed(part.substr(0, equals)),
                               value = trimmed(part.substr(equals + 1));
        if (key == "weight") {
            const auto weight = parse_real(value);
            if (!weight)
                return wrong("The weight of " + term.id + " is a number; found " + in_quotes(value) + ".");
            term.weight = *weight;
        } else if (key == "taps") {
            for (const std::string_view tap : split(value, '+'))
                term.taps.emplace_back(tap);
        } else if (auto put = put_option(term.options, key, value, text); !put) {
            return tl::unexpected(put.error());
        }
    }
    return term;
}

Result<void> require_size(std::string_view text) {
    if (text.size() <= longest_list && is_utf8(text)) return {};
    return wrong("The list is " + std::to_string(text.size()) + " bytes long; at most " +
                 std::to_string(longest_list) + " bytes of UTF-8 are possible.");
}

std::string term_text(const TermConfig& term) {
    std::string text = term.id + ":weight=" + number_text(term.weight);
    for (std::size_t i = 0; i < term.taps.size(); ++i)
        text += (i ? "+" : ",taps=") + term.taps[i];
    if (!term.options.empty()) text += "," + to_string(term.options);
    return text;
}

} // namespace

Result<TermOptions> parse_term_options(std::string_view text) {
    if (auto fits = require_size(text); !fits) return tl::unexpected(fits.error());
    if (trimmed(text).starts_with('{')) return term_options_from_json(text);
    TermOptions options;
    if (trimmed(text).empty()) return options;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t equals = part.find('=');
        const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
        if (auto put = put_option(options, trimmed(part.substr(0, equals)), trimmed(value), text); !put)
            return tl::unexpected(put.error());
    }
    return options;
}

std::string to_string(const TermOptions& options) {
    std::string text;
    for (const auto& [key, value] : options)
        text += (text.empty() ? "" : ",") + key + "=" + number_text(value);
    return text;
}

Result<std::vector<TermConfig>> parse_terms(std::string_view text) {
    if (auto fits = require_size(text); !fits) return tl::unexpected(fits.error());
    Result<std::vector<TermConfig>> terms;
    if (trimmed(text).starts_with('[')) {
        terms = terms_from_json(text);
        if (!terms) return terms;
    } else if (!trimmed(text).empty()) {
        for (const std::string_view part : split(text, ';')) {
            auto term = parse_term(part);
            if (!term) return tl::unexpected(term.error());
            terms->push_back(std::move(*term));
        }
    }
    if (terms->size() > most_terms)
        return wrong("A loss has at most " + std::to_string(most_terms) + " further terms; found " +
                     std::to_string(terms->size()) + ".");
    return terms;
}

std::string to_string(const std::vector<TermConfig>& terms) {
    std::string text;
    for (const TermConfig& term : terms)
        text += (text.empty() ? "" : ";") + term_text(term);
    return text;
}

Result<std::vector<NetworkSpec>> parse_networks(std::string_view text) {
    if (auto fits = require_size(text); !fits) return tl::unexpected(fits.error());
    Result<std::vector<NetworkSpec>> networks;
    if (trimmed(text).starts_with('[')) {
        networks = networks_from_json(text);
        if (!networks) return networks;
    } else if (!trimmed(text).empty()) {
        for (const std::string_view part : split(text, ';')) {
            auto network = parse_network_spec(part);
            if (!network) return tl::unexpected(network.error());
            networks->push_back(std::move(*network));
        }
    }
    if (networks->size() > most_networks)
        return wrong("A list has at most " + std::to_string(most_networks) + " networks; found " +
                     std::to_string(networks->size()) + ".");
    return networks;
}

std::string to_string(const std::vector<NetworkSpec>& networks) {
    std::string text;
    for (const NetworkSpec& network : networks)
        text += (text.empty() ? "" : ";") + to_string(network);
    return text;
}

std::vector<TermConfig> terms_of(const DistillationConfig& distillation) {
    std::vector<TermConfig> terms;
    TermConfig response{distillation.objective, distillation.soft_weight, {}, distillation.options};
    const ObjectiveEntry* chosen = find_objective(distillation.objective);
    if (!chosen || chosen->uses_temperature) response.options["temperature"] = distillation.temperature;
    if (!chosen || chosen->uses_t_squared) response.options["t_squared"] = distillation.t_squared ? 1 : 0;
    terms.push_back(std::move(response));
    terms.insert(terms.end(), distillation.terms.begin(), distillation.terms.end());
    for (TermConfig& term : terms)
        if (const ObjectiveEntry* entry = find_objective(term.id))
            term.options.merge(default_options(*entry)); // keeps what is there already
    return terms;
}

} // namespace limbeck
