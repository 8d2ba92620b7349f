// SPDX-License-Identifier: GPL-3.0-or-later
// Samples with each other, or distributions of features.
#include "backend/engine/objectives/objective.h"

namespace limbeck {

std::span<const TermMaker> relation_terms() {
    return {};
}

} // namespace limbeck
