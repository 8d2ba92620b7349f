// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/glyph_canvas.h"

#include <algorithm>
#include <cmath>

namespace limbeck {

void GlyphCanvas::draw(const Stroke& points, double radius, double softness, double ink) {
    for (std::size_t i = 1; i < points.size(); ++i)
        draw_segment(points[i - 1], points[i], radius, softness, ink);
}

void GlyphCanvas::draw_segment(GlyphPoint from, GlyphPoint to, double radius, double softness, double ink) {
    const double reach = radius + softness;
    const auto first = [&](double a, double b) {
        return static_cast<int>(std::clamp(std::floor(std::min(a, b) - reach), 0.0, double(side)));
    };
    const auto last = [&](double a, double b) {
        return static_cast<int>(std::clamp(std::ceil(std::max(a, b) + reach), 0.0, double(side)));
    };
    const double dx = to.x - from.x, dy = to.y - from.y;
    const double length2 = dx * dx + dy * dy;
    for (int row = first(from.y, to.y); row < last(from.y, to.y); ++row)
        for (int column = first(from.x, to.x); column < last(from.x, to.x); ++column) {
            const double x = column + 0.5 - from.x, y = row + 0.5 - from.y;
            const double along = length2 > 0 ? std::clamp((x * dx + y * dy) / length2, 0.0, 1.0) : 0.0;
            const double away_x = x - along * dx, away_y = y - along * dy;
            const double distance = std::sqrt(away_x * away_x + away_y * away_y);
            const double covered =
                ink * std::clamp((radius + softness - distance) / (2 * softness), 0.0, 1.0);
            double& pixel = ink_[static_cast<std::size_t>(row * side + column)];
            pixel = std::max(pixel, covered); // crossing strokes do not add up
        }
}

} // namespace limbeck
