// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>

#include "backend/data/data.h"
#include "backend/data/raw_data.h"

/// The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky 2009; www.cs.toronto.edu/~kriz/cifar.html):
/// records of a label byte (CIFAR-100: coarse, then fine; the fine one counts) and 3x32x32 bytes, channel by
/// channel.
namespace limbeck {

/// `folder` holds data_batch_1.bin … data_batch_5.bin (100 classes: train.bin), or a folder
/// cifar-10-batches-bin (cifar-100-binary) that does. test_batch.bin (test.bin) is the test part where it is
/// there.
Result<RawData> read_cifar_folder(const std::filesystem::path& folder, int classes,
                                  const std::function<bool()>& keep_going);
Result<DatasetShape> probe_cifar_folder(const std::filesystem::path& folder, int classes);

} // namespace limbeck
