// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/glyph_warp.h"

#include <algorithm>
#include <cmath>

#include "backend/types/exact_math.h"

namespace limbeck {

namespace {

constexpr double height = 23;    // pixels of the box's side at size 1
constexpr double elastic = 0.09; // largest displacement of a grid point, in boxes
constexpr double shift = 2.5;    // largest, pixels

std::array<double, 4> spline_weights(double t) {
    const double u = 1 - t;
    return {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6,
            t * t * t / 6};
}

} // namespace

GlyphWarp::GlyphWarp(Random& random) {
    for (auto& row : field_)
        for (GlyphPoint& point : row) {
            point.x = random.uniform(-elastic, elastic);
            point.y = random.uniform(-elastic, elastic);
        }
    const double turns = random.uniform(-0.05, 0.05);
    const double slant = random.uniform(-0.35, 0.35);
    const double wide = height * random.uniform(0.62, 1.12), high = height * random.uniform(0.68, 1.05);
    const double c = exact::cosine(turns), s = exact::sine(turns);
    // Slant first, then size, then turn.
    xx_ = c * wide;
    xy_ = -c * wide * slant - s * high;
    yx_ = s * wide;
    yy_ = -s * wide * slant + c * high;
    left_ = 14 + random.uniform(-shift, shift);
    top_ = 14 + random.uniform(-shift, shift);
}

GlyphPoint GlyphWarp::operator()(GlyphPoint point) const {
    // The box spans the grid's inner cells, so that every point has four neighbours in each direction.
    const double column = std::clamp((point.x + 0.5) * (grid - 3), 0.0, grid - 3 - 1e-9);
    const double row = std::clamp((point.y + 0.5) * (grid - 3), 0.0, grid - 3 - 1e-9);
    const int first_column = static_cast<int>(column), first_row = static_cast<int>(row);
    const auto across = spline_weights(column - first_column), down = spline_weights(row - first_row);
    double x = point.x, y = point.y;
    for (int r = 0; r < 4; ++r)
        for (int c = 0; c < 4; ++c) {
            const double weight = down[static_cast<std::size_t>(r)] * across[static_cast<std::size_t>(c)];
            const GlyphPoint& moved =
                field_[static_cast<std::size_t>(first_row + r)][static_cast<std::size_t>(first_column + c)];
            x += weight * moved.x;
            y += weight * moved.y;
        }
    return {left_ + xx_ * x + xy_ * y, top_ + yx_ * x + yy_ * y};
}

} // namespace limbeck
