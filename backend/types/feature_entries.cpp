// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/objective_entries.h"

namespace limbeck {

std::vector<ObjectiveEntry> feature_entries() {
    return {};
}

} // namespace limbeck
