// SPDX-License-Identifier: GPL-3.0-or-later
// Terms with an initial stage.
#include "backend/engine/objectives/objective.h"

namespace limbeck {

std::span<const TermMaker> staged_terms() {
    return {};
}

} // namespace limbeck
