// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/answers/answer_plan.h"
#include "backend/engine/engine.h"

namespace limbeck {

/// What a task asks for in the way of kept answers.
AnswerWish answer_wish(const TrainingTask& task, const Dataset& data);

} // namespace limbeck
