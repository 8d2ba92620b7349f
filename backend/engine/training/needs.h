// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "backend/engine/engine.h"

namespace limbeck {

/// What each term of a loss needs for these networks and data, or why it cannot be computed.
Result<std::vector<TermNeeds>> needs_of_terms(const TermsQuestion& question);

} // namespace limbeck
