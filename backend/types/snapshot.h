// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backend/types/run.h"

namespace limbeck {

/// The answers of all networks of a run on the validation part, made at an evaluation. Latest
/// wins: a reader that is slow sees only the newest.
struct AnswersSnapshot {
    RunId run = 0;
    std::int64_t step = 0, epoch = 0;
    std::int64_t classes = 0;
    std::vector<std::int64_t> sample_ids;      ///< [N], indices into the data set
    std::vector<std::int64_t> labels;          ///< [N]
    std::vector<std::uint16_t> student_logits; ///< [N, classes], IEEE half precision bits
    std::vector<std::uint16_t> teacher_logits; ///< [N, classes]; empty when there is no teacher
};

using AnswersSnapshotPtr = std::shared_ptr<const AnswersSnapshot>;

} // namespace limbeck
