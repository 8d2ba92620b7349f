// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCPGraph;
class QCustomPlot;

namespace limbeck {

/// A graph on the plot's two axes, owned by the plot. On a screen it paints a line with more than a point on
/// every other pixel as what it then looks like, a column of pixels after the other: its many
/// strokes, most of them over each other, would cost more. Vector formats get the line.
QCPGraph* addBandGraph(QCustomPlot& plot);

} // namespace limbeck
