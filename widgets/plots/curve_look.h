// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QColor>
#include <QPalette>
#include <QPen>
#include <QRectF>
#include <QVector>

#include "widgets/plots/plot_model.h"
#include "widgets/style/palette.h"

class QPainter;

namespace limbeck {

/// How one curve looks: what a series means gives colour and marker, its run gives tint and dashes.
struct CurveLook {
    QColor line;                   ///< of the full or smoothed line
    QColor trace;                  ///< of the raw points under it
    std::optional<QColor> outline; ///< rim on both sides of the line
    Qt::PenStyle style = Qt::SolidLine;
    QVector<qreal> dashes; ///< in widths of the pen; instead of `style` where not empty
    double width = 1.75;
    style::Marker marker = style::Marker::none;
    bool operator==(const CurveLook&) const = default;

    QPen pen() const;      ///< with the dashes
    QPen solidPen() const; ///< for lines that are cut into dashes themselves
    QPen outlinePen() const;
};

CurveLook lookOf(const Series& series, const PlotModel& model, const QPalette& palette);
/// Of a label's entry in the legend: the most telling of its series, as the current run draws it.
CurveLook lookOfLabel(const QString& label, const PlotModel& model, const QPalette& palette);
/// Of a run's entry in the legend: its dashes in the text colour.
CurveLook lookOfRun(RunId run, const PlotModel& model, const QPalette& palette);

/// A marker centred at `at`, `size` wide, filled with the base so that it stands out from lines.
void paintMarker(QPainter& painter, QPointF at, double size, style::Marker marker, const QColor& line,
                 const QColor& fill);
/// A short piece of the line with its marker, for legends and the read-out.
void paintSample(QPainter& painter, const QRectF& rect, const CurveLook& look, const QColor& base);

} // namespace limbeck
