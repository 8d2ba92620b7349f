// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "backend/types/config.h"

namespace limbeck {

/// Somebody else's way to weigh the two terms, in our words. Names such as alpha are used for either
/// weight by different libraries, so each recipe says which it maps to what.
struct Recipe {
    std::string_view title;   ///< "RepDistiller"
    std::string_view mapping; ///< "gamma 0.1 weighs the labels (hard_weight), …"
    double hard_weight, soft_weight, temperature;
};

std::span<const Recipe> recipes();

/// The distillation of a recipe: its numbers with objective kd and T².
DistillationConfig with_recipe(const Recipe& recipe);

} // namespace limbeck
