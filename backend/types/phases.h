// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/run.h"

namespace limbeck {

/// A stretch of a run in which the loss is another than afterwards: a stage of its own, or the warm-up of a
/// weight. Known from the configuration alone, so that a plot of an old run can show it.
struct Phase {
    enum class Kind { initial, warmup };
    Kind kind = Kind::initial;
    std::string name;       ///< "initial stage", "warm-up of dkd", "warm-up of the learning rate"
    double first_epoch = 0; ///< of the whole run, initial stage included; 0-based, may be a fraction
    double last_epoch = 0;  ///< exclusive
    bool operator==(const Phase&) const = default;
};

/// Of a run in that role, in the order of their beginning. Weights of 0 have no phases.
std::vector<Phase> phases_of(const ExperimentConfig& config, Role role);

/// Epochs of the stage before the training proper: the longest of the terms' initial stages; 0 without one.
std::int64_t initial_epochs(const ExperimentConfig& config, Role role);

/// Which terms of terms_of() a role's loss has: all in the student's, none in a teacher's or a baseline's.
bool has_terms(const ExperimentConfig& config, Role role);

} // namespace limbeck
