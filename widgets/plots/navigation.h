// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QPointF>

#include "widgets/plots/training_plot.h"

class QKeyEvent;
class QMouseEvent;
class QWheelEvent;

namespace limbeck {

class CurveSheet;

/// What mouse, wheel and keys do to a plot's axes.
class Navigation {
  public:
    /// The axes that a gesture at a position moves: both inside, one over an axis.
    struct Axes {
        bool x = false, y = false;
    };

    explicit Navigation(TrainingPlot::Impl& plot) : plot_(plot) {}

    // Each answers whether the event is dealt with.
    bool press(QMouseEvent& event);
    bool move(QMouseEvent& event);
    bool release(QMouseEvent& event);
    bool doubleClick(QMouseEvent& event);
    bool wheel(QWheelEvent& event);
    bool key(QKeyEvent& event);

  private:
    Axes axesAt(QPointF position) const;
    void zoomX(double factor, double pixel);
    void zoomY(double factor, double pixel);
    void pan(double dx, double dy); ///< pixels
    void stepCrosshair(int direction);

    struct Drag {
        QPointF start, last;
        Axes axes;
        bool moving = false;   ///< beyond the distance of a click
        bool vertical = false; ///< y moves along once the hand clearly goes up or down
    };

    TrainingPlot::Impl& plot_;
    std::optional<Drag> drag_;
};

} // namespace limbeck
