// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>

#include "backend/data/data.h"
#include "backend/data/raw_data.h"

namespace limbeck {

/// A folder of the MNIST family: a training pair (`train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, plain
/// or .gz, also with a dot before idx or a prefix as EMNIST has it) and, if there is one, a test pair
/// (`t10k-…` or `test-…`). A single pair of any name is a training pair. Classes are 0 … the largest label of
/// the training pair; ten named ones where the folder's name holds "fashion".
Result<RawData> read_idx_folder(const std::filesystem::path& folder, const std::function<bool()>& keep_going);
Result<DatasetShape> probe_idx_folder(const std::filesystem::path& folder);

} // namespace limbeck
