// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "backend/types/dataset.h"

namespace limbeck {

/// SHA-256 (hex) over shape, class names, samples, labels and parts. The name is left out: a folder that
/// moved is the same data.
std::string fingerprint_of(const Dataset& dataset);

} // namespace limbeck
