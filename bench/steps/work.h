// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "backend/engine/engine.h"
#include "backend/types/dataset.h"
#include "backend/types/error.h"
#include "backend/types/tensor_map.h"
#include "bench/steps/pairs.h"

namespace limbeck::bench {

/// Everything that both sides of a comparison train from, so that their losses agree. In a folder:
/// - work.json: pair, networks, batch, views, loss and optimiser in words
/// - teacher.safetensors, student.safetensors: first weights, names as in the state dict
/// - data.safetensors: samples [N, …] (u8 or f32), labels [N], mean and stddev, order [steps, B] (sample of
///   each place), views [steps, B] (pictures: crop and flip of each place, ids as in the engine's sampler)
struct Work {
    Pair pair;
    std::int64_t batch = 64;
    std::shared_ptr<const Dataset> data;
    TensorMap teacher, student;
};

/// The task of the student. Its epochs do not end, its rate stays: any number of steps may be asked for.
/// `augment`: crops out of a border of four pixels, and flips, of pictures.
TrainingTask task_of(const Work& work, bool augment);

/// Makes the data, trains the teacher for an epoch (its statistics must be those of what it sees, or its
/// answers are enormous) and draws
/// the student's weights.
Result<Work> make_work(Engine& engine, const Pair& pair, std::int64_t batch, const std::string& device);

/// `steps`: how many of the order are written; a reader begins anew after them.
Result<void> write_work(const Work& work, std::int64_t steps, const std::filesystem::path& folder);
Result<Work> read_work(const std::filesystem::path& folder);

} // namespace limbeck::bench
