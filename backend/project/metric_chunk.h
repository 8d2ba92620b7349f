// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "backend/project/value.h"
#include "backend/types/run.h"

namespace limbeck {

inline constexpr std::size_t points_per_chunk = 1024;

/// Up to 1,024 points as bytes, column by column, little-endian, bit-exact. Equally spaced steps and points
/// of a single step (minimum = mean = maximum), the usual case, take 8 bytes a point, others 24. Layout in
/// docs/format.md.
Blob encode_points(std::span<const MetricPoint> points);

/// nullopt if the bytes are not what encode_points gives for 1 to 1,024 points.
std::optional<std::vector<MetricPoint>> decode_points(std::span<const std::byte> bytes);

} // namespace limbeck
