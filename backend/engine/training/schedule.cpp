// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/schedule.h"

#include <cmath>
#include <numbers>

namespace limbeck {

double schedule_factor(const OptimizationConfig& config, std::int64_t step, std::int64_t steps_per_epoch) {
    const auto total = config.epochs * steps_per_epoch;
    const auto warmup = std::llround(config.warmup_epochs * static_cast<double>(steps_per_epoch));
    double factor = 1;
    if (step < warmup) factor = static_cast<double>(step + 1) / static_cast<double>(warmup);
    if (config.schedule == "step" && config.step_every > 0) {
        const auto drops = step / steps_per_epoch / config.step_every;
        factor *= std::pow(config.step_factor, static_cast<double>(drops));
    } else if (config.schedule == "cosine" && step >= warmup && total > warmup) {
        const auto progress = static_cast<double>(step - warmup) / static_cast<double>(total - warmup);
        factor *= (1 + std::cos(std::numbers::pi * progress)) / 2;
    }
    return factor;
}

} // namespace limbeck
