// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/objectives/objective.h"

#include <array>
#include <cmath>

namespace limbeck {

namespace {

/// One table a family, in the order of the catalogue.
std::array<std::span<const Term>, 1> families() {
    return {response_terms()};
}

std::string number(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (!text.empty() && text.back() == '.') text.pop_back();
    return text;
}

} // namespace

const Term* find_term(std::string_view id) {
    for (const auto& family : families())
        for (const Term& term : family)
            if (term.id == id) return &term;
    return nullptr;
}

std::vector<std::string> objective_ids() {
    std::vector<std::string> ids;
    for (const auto& family : families())
        for (const Term& term : family)
            ids.emplace_back(term.id);
    return ids;
}

Result<TermSettings> term_settings(const Term& term, const std::map<std::string, double>& options) {
    TermSettings settings = term.defaults;
    const std::string id(term.id);
    for (const auto& [key, value] : options) {
        if (key == "temperature") {
            if (!(std::isfinite(value) && value > 0))
                return failure(ErrorKind::configuration,
                               "The temperature of " + id + " must be above 0 and finite; found " +
                                   number(value) + ".",
                               "distillation.temperature");
            settings.temperature = value;
        } else if (key == "t_squared") {
            if (value != 0 && value != 1)
                return failure(ErrorKind::configuration,
                               "t_squared of " + id + " is 0 or 1; found " + number(value) + ".",
                               "distillation.t_squared");
            settings.t_squared = value;
        } else {
            return failure(ErrorKind::usage, "The objective " + id + " has no option \"" + key +
                                                 "\"; it takes temperature and t_squared.");
        }
    }
    return settings;
}

} // namespace limbeck
