// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <QPointer>
#include <QString>
#include <QVector>

#include "widgets/plots/crosshair_overlay.h"
#include "widgets/plots/curve_sheet.h"
#include "widgets/plots/frame_clock.h"
#include "widgets/plots/legend_bar.h"
#include "widgets/plots/navigation.h"
#include "widgets/plots/plot_header.h"
#include "widgets/plots/plot_model.h"
#include "widgets/plots/training_plot.h"

namespace limbeck {

struct TrainingPlot::Impl {
    Impl(TrainingPlot& plot, const QString& title, const QString& y_label, PlotUnit unit);

    // --- view (training_plot_view.cpp)
    // --------------------------------------------------------------------------
    bool canDraw() const;
    /// Something that the user did: drawn at once, not with the next frame.
    void schedule();
    void updateLegend();
    void applyPalette();
    /// Fits the axes that the user has not moved.
    void fitAxes();
    void moveX(const AxisRange& range); ///< by the user; linked plots follow
    void moveY(const AxisRange& range);
    void setUser(bool x, bool y);
    std::optional<AxisRange> extentX() const; ///< of this and the linked plots
    void beforeReplot();
    void afterReplot();
    void showCrosshair(std::optional<double> step, std::optional<QPointF> cursor);
    void updateOverlay();

    TrainingPlot& q;
    QString title, y_label, x_label, empty_text;
    PlotUnit unit;
    PlotModel model;

    PlotHeader* header;
    LegendBar* legend;
    QWidget* stage; ///< holds the sheet and, over it, the overlay
    std::unique_ptr<CurveSheet> sheet;
    CrosshairOverlay* overlay;
    Navigation navigation;

    bool dirty = true;
    bool user_x = false, user_y = false;
    bool fresh_y = true; ///< the next fit of y starts anew instead of staying steady
    bool follow = false;
    double expected_steps = 0;
    QVector<QPointer<TrainingPlot>> linked;

    std::optional<double> crosshair_step;
    std::optional<QPointF> cursor; ///< where the mouse is; none in a linked plot

    QString export_error;
    std::chrono::nanoseconds cost{0}, started{0};
    int replots = 0;
};

} // namespace limbeck
