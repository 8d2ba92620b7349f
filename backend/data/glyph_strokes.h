// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace limbeck {

struct GlyphPoint {
    double x = 0, y = 0;
};

/// One movement of the pen as a polyline.
using Stroke = std::vector<GlyphPoint>;
using Strokes = std::vector<Stroke>;

/// The ways to write a digit 0-9, drawn for Limbeck. A box of 1x1 around the origin, y downwards; the digit
/// is about 0.8 high and 0.55 wide.
const std::vector<Strokes>& digit_variants(int digit);

} // namespace limbeck
