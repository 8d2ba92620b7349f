// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "backend/engine/engine.h"

namespace limbeck {

/// Checks everything that can be known (settings, data, device, shapes, memory), then builds the network and
/// its teacher, puts the data on the device and is ready for the first step.
Result<std::unique_ptr<TrainingJob>> prepare_job(const TrainingTask& task,
                                                 std::shared_ptr<const Dataset> data);

} // namespace limbeck
