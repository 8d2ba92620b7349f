// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "backend/data/glyph_strokes.h"

namespace limbeck {

/// A 28x28 picture that strokes are drawn on with a round pen and soft edges.
class GlyphCanvas {
  public:
    static constexpr int side = 28;

    /// `points` in pixels; `radius` of the pen and half the width of its soft edge, in pixels; `ink` in 0..1.
    void draw(const Stroke& points, double radius, double softness, double ink);

    /// Covered parts of the pixels, 0..1, row by row.
    std::span<const double> pixels() const { return ink_; }

  private:
    void draw_segment(GlyphPoint from, GlyphPoint to, double radius, double softness, double ink);
    std::array<double, side * side> ink_{};
};

} // namespace limbeck
