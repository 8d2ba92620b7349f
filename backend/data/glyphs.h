// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>

#include "backend/data/raw_data.h"
#include "backend/types/error.h"

namespace limbeck {

/// Stroke-drawn digits 0-9, [N, 1, 28, 28] bytes, 0 = paper: written in one of several ways, bent by an
/// affine map and an elastic field, with pens of different width and ink, stray marks, and grey noise of
/// standard deviation `noise` (of 1 = full ink). The classes take turns. Sample i depends on the seed and i
/// alone, so that more samples only add to those of a smaller set.
Result<RawData> make_glyphs(std::int64_t samples, double noise, std::uint64_t seed,
                            const std::function<bool()>& keep_going);

} // namespace limbeck
