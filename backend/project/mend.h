// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/project/damage_notes.h"

namespace limbeck {

/// The row as it was, where one flipped bit, in a cell or in the check sum, explains that they do not fit: a
/// CRC-32 fits at most one such row. nullopt for any other damage. (Of damage that is not a single bit, one
/// case in 2^32 divided by the row's bits is taken for one: the report names every row that was put right.)
std::optional<Row> mend_row(const DamagedRow& damaged);

} // namespace limbeck
