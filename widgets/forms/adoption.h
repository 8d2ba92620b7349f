// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/types/config.h"

namespace limbeck {

/// What somebody changed by hand, and what follows from it: another objective brings its own numbers, the
/// first feature term those that features are weighed with, mixup has no labels. Only numbers that were
/// defaults before are touched; those that somebody chose stay.
DistillationConfig adopted(const DistillationConfig& before, DistillationConfig now);

} // namespace limbeck
