// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "backend/types/run.h"

namespace limbeck {

/// Who teaches a run, in the order of teachers_of(): RunRecord keeps the first apart from the others.
std::vector<TeacherLink> teacher_links(const RunRecord& run);
void set_teacher_links(RunRecord& run, std::vector<TeacherLink> links);

/// Writes `weights` where the record names the run `teacher`; true if it does anywhere.
bool hand_on_weights(RunRecord& run, RunId teacher, const std::string& weights);

} // namespace limbeck
