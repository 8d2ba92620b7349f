// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "backend/types/config.h"

namespace limbeck {

/// Somebody else's loss, in our words. Names such as alpha are used for either weight by different libraries,
/// so each recipe says what it maps to what.
struct Recipe {
    std::string_view source;  ///< "RepDistiller": those of one source follow each other
    std::string_view title;   ///< "FitNet (hint)"
    std::string_view mapping; ///< "gamma 0.1 weighs the labels (hard_weight), …", and where it stands
    DistillationConfig distillation;
};

/// Those whose objectives and options the catalogue has. Built once.
std::span<const Recipe> recipes();

/// The recipe's loss within the scheme of `now`, which it says nothing about; a scheme without a teacher or
/// without labels becomes the plain one.
DistillationConfig with_recipe(const Recipe& recipe, const DistillationConfig& now);

} // namespace limbeck
