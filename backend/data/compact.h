// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/types/dataset.h"

namespace limbeck {

/// Throws out the samples that no part names (data.samples took only some of a folder), so that neither
/// memory nor the training device carries them.
void drop_unused(Dataset& dataset);

} // namespace limbeck
