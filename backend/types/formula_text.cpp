// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

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

} // namespace

std::string formula_text(const DistillationConfig& distillation) {
    const ObjectiveEntry* objective = find_objective(distillation.objective);
    std::string term(objective ? objective->formula : std::string_view(distillation.objective));
    constexpr std::string_view square = "T²·";
    const std::size_t at = term.find(square);
    if (!distillation.t_squared && at != std::string::npos) term.erase(at, square.size());
    std::string text = "loss = " + weight_text(distillation.hard_weight) + " · CE + " +
                       weight_text(distillation.soft_weight) + " · " + term;
    if (!objective || objective->uses_temperature)
        text += ", T = " + rounded_text(distillation.temperature, 4);
    return text;
}

} // namespace limbeck
