// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCPGraph;
class QCustomPlot;

namespace limbeck {

/// A graph on the plot's two axes, owned by the plot. A line with more than a point on every other pixel is
/// written into the picture (pixel_canvas.h) as what it then looks like, a column of pixels beside the other:
/// its many strokes, most of them over each other, would cost ten times as much. Vector formats get the line.
QCPGraph* addBandGraph(QCustomPlot& plot);

} // namespace limbeck
