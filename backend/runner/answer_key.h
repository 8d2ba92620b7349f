// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "backend/engine/engine.h"

namespace limbeck {

/// Fills in where the teacher's answers are kept and the key that tells them apart: SHA-256 over the
/// teachers' weights and networks, how they are averaged, the data, their normalisation and the views.
/// Nothing to do for a task without a teacher, or with the cache off.
Result<void> name_answers(TrainingTask& task, const Dataset& data, const std::filesystem::path& folder);

} // namespace limbeck
