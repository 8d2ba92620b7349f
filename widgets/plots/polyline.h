// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "widgets/plots/series_store.h"

namespace limbeck {

struct PlotBox {
    double left = 0, right = 1, bottom = 0, top = 1;
};

/// The parts of a polyline inside of a box, with gaps (NaN) where it leaves it (Liang & Barsky 1984).
/// Pictures that are exported need it: Qt's SVG generator knows no clipping. `log` interpolates y
/// logarithmically.
std::vector<PlotPoint> clipped(const std::vector<PlotPoint>& line, const PlotBox& box, bool log);

/// Gaps in place of values that a logarithmic axis cannot show.
void dropNonPositive(std::vector<PlotPoint>& line);

/// How a polyline is measured in pixels.
struct PlotScale {
    double x = 1;     ///< pixels per unit of x
    double y = 1;     ///< pixels per unit of y, or per decade
    bool log = false; ///< of y
};

/// Leaves out points that no eye would miss: those within `tolerance` pixels of the line through their
/// neighbours.
std::vector<PlotPoint> simplified(const std::vector<PlotPoint>& line, const PlotScale& scale,
                                  double tolerance);

/// Cuts gaps (NaN) into a line, `dashes` pixels on, off, on … along x. A dashed pen over thousands of
/// segments takes tens of milliseconds a frame; a solid one over pieces does not. The pattern stands at x =
/// 0, so that it does not crawl while points arrive.
std::vector<PlotPoint> dashed(const std::vector<PlotPoint>& line, const PlotScale& scale,
                              const std::vector<double>& dashes);

/// What a line covers of a column of pixels.
struct PixelColumn {
    int x = 0; ///< from x to x + 1
    double low = 0, high = 0;
    bool operator==(const PixelColumn&) const = default;
};

/// The columns from `left` to `right` that a line in pixels (x ascending) passes, from left to right; none
/// where it has a gap.
std::vector<PixelColumn> pixelColumns(const std::vector<PlotPoint>& line, int left, int right);

} // namespace limbeck
