// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "backend/types/catalogue.h"

/// The parts of objective_catalogue(), one a family of the engine; inner to backend/types.
namespace limbeck {

std::vector<ObjectiveEntry> response_entries(); ///< from the answers alone
std::vector<ObjectiveEntry> relation_entries(); ///< features: samples with each other, or distributions
std::vector<ObjectiveEntry> feature_entries();  ///< features: value by value, adapters
std::vector<ObjectiveEntry> review_entries();   ///< features: crd, reviewkd, simkd
std::vector<ObjectiveEntry> staged_entries();   ///< features: with an initial stage (fsp, ab, ft)

/// What all terms of features have in common: no temperature, and labels of full weight beside them.
std::vector<ObjectiveEntry> as_features(std::vector<ObjectiveEntry> entries);

} // namespace limbeck
