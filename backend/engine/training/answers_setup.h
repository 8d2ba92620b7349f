// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "backend/answers/answer_plan.h"
#include "backend/engine/engine.h"
#include "backend/engine/training/answer_source.h"

namespace limbeck {

/// Whether what a sample is answered is the same to the bit wherever it stands in a batch and whoever stands
/// beside it: only then is a kept answer what would have been answered. Tried with `count` samples of the
/// training part, turned round and shuffled with others.
bool rows_stand_alone(AnswerSource& source, const ResidentData& data, std::int64_t count);

/// All that make_answers() needs to know.
struct AnswerSetup {
    const TrainingTask& task;
    AnswerPlan plan;
    std::shared_ptr<const ResidentData> data;
    Teachers teachers;
    bool taps = false;
    Precision precision = Precision::float32;
    bool single_thread = false; ///< steps are done on one thread
};

/// Who answers in a training: networks that are asked, or a cache before them. Refuses a cache that was asked
/// for by name where it would not be exact.
Result<std::unique_ptr<AnswerSource>> make_answers(AnswerSetup setup);

} // namespace limbeck
