// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "backend/types/run.h"

namespace limbeck {

/// What may be asked of a run under way; obeyed between two steps.
struct Pause {};

struct Resume {};

struct StepOnce {};

struct Stop {};

struct EvaluateNow {};

struct CheckpointNow {};

/// Changes the run, so it becomes a RunEvent. `key` is one of the live fields:
/// distillation.temperature, distillation.hard_weight, distillation.soft_weight,
/// training.learning_rate (the base rate that the schedule scales).
struct SetLive {
    std::string key;
    double value = 0;
};

using Command = std::variant<Pause, Resume, StepOnce, Stop, EvaluateNow, CheckpointNow, SetLive>;

} // namespace limbeck
