// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/engine/objectives/objective.h"

namespace limbeck {

/// Mean squared difference of the student's projected feature and the teacher's (Chen 2022). In a run the
/// student is a SimKdStudent, whose last tap is projected already: then the term has nothing to learn itself.
/// Elsewhere, where channels differ, it brings a projector of its own.
Result<std::shared_ptr<Objective>> make_simkd(const ObjectiveEntry& entry, const TermOptions& options,
                                              const TermContext& context);

} // namespace limbeck
