// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "backend/answers/answer_file.h"
#include "backend/types/run.h"

namespace limbeck::cli {

std::string answers_precision(const AnswerFileInfo& file);
Json answers_json(const AnswerFileInfo& file);

/// The kept answers that a run uses, its rows counted; none where the folder has no file for its teachers and
/// data. `files`: all there are, not counted.
std::optional<AnswerFileInfo> answers_of(const RunRecord& run, const std::vector<AnswerFileInfo>& files);

/// "teacher's answers: cached (float32), 1,234 of 4,096 kept".
std::string answers_text(const AnswerFileInfo& file);

} // namespace limbeck::cli
