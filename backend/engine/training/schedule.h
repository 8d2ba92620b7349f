// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "backend/types/config.h"

namespace limbeck {

/// What the base learning rate is multiplied with in one step. `step` counts the steps already done.
///   warm-up: (step + 1) / W for step < W = warmup_epochs · steps_per_epoch, rounded; times
///   constant: 1
///   step:     step_factor ^ floor(epoch / step_every)
///   cosine:   (1 + cos(π (step − W) / (total − W))) / 2 from the end of the warm-up on (Loshchilov & Hutter
///   2017)
double schedule_factor(const OptimizationConfig& config, std::int64_t step, std::int64_t steps_per_epoch);

} // namespace limbeck
