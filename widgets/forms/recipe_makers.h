// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "backend/types/catalogue.h"
#include "widgets/forms/recipes.h"

/// The parts of recipes(), by their sources; inner to widgets/forms.
namespace limbeck::recipe {

struct Numbers {
    double hard, soft, temperature;
};

/// A loss from the answers alone.
DistillationConfig answers(std::string_view objective, const Numbers& numbers,
                           const TermOptions& options = {});
/// Labels 1 and one term of the features, with kd at T 4 beside it only where `soft` is not 0.
DistillationConfig feature(std::string_view id, double weight, const TermOptions& options = {},
                           double soft = 0);
/// Only options that are not what the catalogue gives anyway.
TermOptions differing(const ObjectiveEntry* entry, const TermOptions& options);

std::vector<Recipe> tutorials();
std::vector<Recipe> repdistiller();
std::vector<Recipe> mdistiller();
std::vector<Recipe> later(); ///< one paper each

} // namespace limbeck::recipe
