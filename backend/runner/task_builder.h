// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "backend/engine/engine.h"
#include "backend/types/config.h"
#include "backend/types/run.h"

namespace limbeck {

/// What the engine is to train in a role of an experiment; without weights (the caller adds the teachers',
/// and the network's own where it starts from a file).
/// - teacher: its own training settings, cross-entropy alone. Its seed is a stream of the run's: a teacher
///   with the student's architecture must not be the student's own twin, nor two teachers each other's.
/// - baseline: the student's settings and seed (same first weights, same order of batches), cross-entropy
///   alone.
/// - student: hard_weight · cross-entropy + soft_weight · the objective + the further terms. The first term
///   is there with weight 0 too, because the weight may be raised while the run is on.
/// - assistant: as the student, with a seed of its own.
TrainingTask build_task(const ExperimentConfig& config, Role role, std::int64_t stage);

/// How the network of that role is trained.
const OptimizationConfig& optimization_of(const ExperimentConfig& config, Role role);
/// Sets the epochs of that role's training.
void set_epochs(ExperimentConfig& config, Role role, std::int64_t epochs);
/// Epochs of the whole run: those of the training and those of the stage before it.
std::int64_t total_epochs(const ExperimentConfig& config, Role role);

/// "T4 soft 0.9 seed 0", "mse-logits soft 0.5 seed 1", "mutual T4 …", "student alone", "teacher lenet",
/// "assistant resnet20", "generation 1".
std::string run_name(const ExperimentConfig& config, Role role, std::int64_t stage);

} // namespace limbeck
