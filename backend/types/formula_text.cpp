// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <optional>

#include "backend/types/catalogue.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

/// Weights with at least two decimals, so that the formula keeps its width while a slider moves.
std::string weight_text(double weight) {
    std::string text = rounded_text(weight, 4);
    if (text.find('e') != std::string::npos || !std::isfinite(weight)) return text;
    const std::size_t point = text.find('.');
    if (point == std::string::npos) return text + ".00";
    while (text.size() - point - 1 < 2)
        text += '0';
    return text;
}

/// What stands in the formula for an objective, without its T² where that is not multiplied.
std::string short_formula(std::string_view id, bool t_squared) {
    const ObjectiveEntry* objective = find_objective(id);
    std::string term(objective ? objective->formula : id);
    constexpr std::string_view square = "T²·";
    const std::size_t at = term.find(square);
    if (!t_squared && at != std::string::npos) term.erase(at, square.size());
    return term;
}

/// A further term: its weight as it was typed, and its own temperature where it has one.
std::string further_term(const TermConfig& term) {
    const auto option = [&](const char* name) {
        const auto found = term.options.find(name);
        return found == term.options.end() ? std::nullopt : std::optional<double>(found->second);
    };
    std::string text =
        rounded_text(term.weight, 6) + " · " + short_formula(term.id, option("t_squared").value_or(1) != 0);
    if (const auto temperature = option("temperature"))
        text += " (T = " + rounded_text(*temperature, 4) + ")";
    return text;
}

} // namespace

std::vector<FormulaPart> formula_parts(const DistillationConfig& distillation) {
    using Kind = FormulaPart::Kind;
    if (distillation.scheme == "alone") return {{Kind::sign, "loss = "}, {Kind::hard, "1.00 · CE"}};
    std::vector<FormulaPart> parts{
        {Kind::sign, "loss = "},
        {Kind::hard, weight_text(distillation.hard_weight) + " · CE"},
        {Kind::sign, " + "},
        {Kind::soft, weight_text(distillation.soft_weight) + " · " +
                         short_formula(distillation.objective, distillation.t_squared)}};
    // With all options filled in; the first is the response term, which stands there already.
    const std::vector<TermConfig> terms = terms_of(distillation);
    for (std::size_t i = 1; i < terms.size(); ++i) {
        parts.push_back({Kind::sign, " + "});
        parts.push_back({Kind::term, further_term(terms[i])});
    }
    const ObjectiveEntry* objective = find_objective(distillation.objective);
    if (!objective || objective->uses_temperature)
        parts.push_back({Kind::sign, ", T = " + rounded_text(distillation.temperature, 4)});
    return parts;
}

std::string formula_text(const DistillationConfig& distillation) {
    std::string text;
    for (const FormulaPart& part : formula_parts(distillation))
        text += part.text;
    return text;
}

} // namespace limbeck
