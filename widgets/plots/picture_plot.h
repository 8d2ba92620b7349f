// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCustomPlot;
class QWidget;

namespace limbeck {

/// A QCustomPlot whose layers are painted on one picture that covers the widget, its background included. Its
/// pixels can be reached while a layer is painted (pixel_canvas.h), and it is copied to the screen, where
/// QCustomPlot's own two transparent pixmaps are blended over the background.
QCustomPlot* makePicturePlot(QWidget* parent);

} // namespace limbeck
