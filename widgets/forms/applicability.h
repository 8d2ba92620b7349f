// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "backend/types/config.h"

namespace limbeck {

/// Whether a setting bears on an experiment as it is configured.
enum class Bearing {
    applies,
    idle,   ///< would count under another choice near by (momentum under AdamW): shown, disabled
    foreign ///< has no meaning for this kind of data (mirroring points in the plane): not shown
};

Bearing bearing(std::string_view key, const ExperimentConfig& config);

} // namespace limbeck
