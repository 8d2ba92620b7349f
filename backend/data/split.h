// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/dataset.h"
#include "backend/types/error.h"

namespace limbeck {

/// The numbers 0 … n−1 in an order drawn from the seed (Fisher-Yates), the same on every machine.
std::vector<std::int64_t> shuffled_indices(std::int64_t n, std::uint64_t seed);

/// Fills train, validation and test. The samples from `own_test` on are the test part that the data
/// bring (own_test = size(): they bring none, and `test_fraction` of all is drawn for it). Where
/// `data.samples` limits a folder, that many are drawn for training, validation (and a drawn test
/// part), and of an own test part at most as many are kept. Counts are rounded so that no part is
/// empty; fewer than three samples are refused.
Result<void> split(Dataset& dataset, std::int64_t own_test, const DataConfig& config);

/// Mean and standard deviation of the training part, per channel or feature. A constant one has
/// standard deviation 1, so that normalising never divides by zero.
void measure_normalisation(Dataset& dataset);

} // namespace limbeck
