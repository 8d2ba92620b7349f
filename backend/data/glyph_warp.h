// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include "backend/data/glyph_strokes.h"
#include "backend/types/random.h"

namespace limbeck {

/// One hand's way of distorting a digit: an affine map (slant, turn, size, place) after a smooth elastic
/// field (a uniform cubic B-spline over a grid of random displacements).
class GlyphWarp {
  public:
    explicit GlyphWarp(Random& random);

    /// From the digit's box to pixels of a side x side picture.
    GlyphPoint operator()(GlyphPoint point) const;

  private:
    static constexpr int grid = 6;
    std::array<std::array<GlyphPoint, grid>, grid> field_;
    double xx_ = 1, xy_ = 0, yx_ = 0, yy_ = 1; ///< box to pixels
    double left_ = 0, top_ = 0;                ///< pixel of the box's centre
};

} // namespace limbeck
