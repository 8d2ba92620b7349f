// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "backend/engine/engine.h"
#include "backend/engine/models/network.h"

namespace limbeck {

/// Key of a setting of the network under training: "training.batch_size", or "teacher.training.batch_size"
/// when the task trains the teacher.
std::string training_key(const TrainingTask& task, std::string_view name);
/// "teacher.model" or "student.model".
std::string network_key(const TrainingTask& task);

/// Everything about the data and the settings that can be known without building anything: empty parts, a
/// batch larger than the training part, labels out of range, arrays that do not fill the shape, terms without
/// a teacher, pictures asked of data that are none.
Result<void> check_task(const TrainingTask& task, const Dataset& data);

/// Refuses a teacher whose weights answer another number of classes or take another input than the data have,
/// with both numbers, before the weights are loaded. `network` is the teacher as the data need it.
Result<void> check_teacher_weights(const Network& network, const TensorMap& weights, const Dataset& data);

/// Range of a live setting: temperature above 0, the rest 0 or more, all finite.
Result<void> check_live_value(std::string_view key, double value);

} // namespace limbeck
