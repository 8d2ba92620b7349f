// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "backend/types/config.h"
#include "backend/types/dataset.h"
#include "backend/types/error.h"

namespace limbeck::bench {

/// A teacher and a student that are measured, and what they are trained on.
struct Pair {
    std::string name;             ///< "resnet56-resnet20"
    NetworkSpec teacher, student; ///< without weights
    std::string data;             ///< "pictures" | "glyphs" | "moons"
    double learning_rate = 0.01;  ///< at 0.05 the soft term, scaled by T², makes the first steps leap about:
                                  ///< losses of two programs part that differ in the last bit of a sum
};

std::span<const Pair> all_pairs();
/// Refuses an unknown name with those that are known.
Result<Pair> find_pair(std::string_view name);

/// Samples of every data set here: a multiple of the batches that are measured, so that all are full.
inline constexpr std::int64_t data_samples = 4096;

/// Nothing is fetched: "pictures" are 3x32x32 in 100 classes, each class a pattern of waves under noise (the
/// shape of CIFAR-100); the others are Limbeck's own. All samples are in the training part.
Result<std::shared_ptr<Dataset>> make_data(const Pair& pair);

} // namespace limbeck::bench
