// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "backend/engine/engine.h"
#include "backend/types/config.h"
#include "backend/types/run.h"

namespace limbeck {

/// What the engine is to train in a role of an experiment; without weights (the caller adds the teacher's,
/// and the network's own where it starts from a file).
/// - teacher: its own training settings, cross-entropy alone. Its seed is a stream of the run's: a teacher
/// with the
///   student's architecture must not be the student's own twin.
/// - baseline: the student's settings and seed (same first weights, same order of batches), cross-entropy
/// alone.
/// - student: hard_weight · cross-entropy + soft_weight · the objective. The term is there with weight 0 too,
///   because the weight may be raised while the run is on.
TrainingTask build_task(const ExperimentConfig& config, Role role);

/// The network, and how it is trained, in that role.
const NetworkSpec& network_of(const ExperimentConfig& config, Role role);
const OptimizationConfig& optimization_of(const ExperimentConfig& config, Role role);
/// Sets the epochs of that role's training.
void set_epochs(ExperimentConfig& config, Role role, std::int64_t epochs);

/// "T4 soft 0.9 seed 0", "mse-logits soft 0.5 seed 1", "student alone", "teacher lenet".
std::string run_name(const ExperimentConfig& config, Role role);

} // namespace limbeck
