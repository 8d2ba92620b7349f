// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QPalette>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <QVector>

#include "widgets/plots/curve_look.h"
#include "widgets/plots/plot_model.h"

class QPainter;

namespace limbeck {

/// The values of all visible series at one step, as a table: a row a label (and run), a column a detail.
struct Readout {
    struct Cell {
        QString text;
        bool earlier = false; ///< the value of an earlier step: there is none at this one
    };

    struct Row {
        CurveLook look;
        QString label;
        QVector<Cell> cells; ///< as many as columns
    };

    double step = 0;
    QString title;       ///< "step 3,412"
    QStringList columns; ///< heads; one empty one when nothing is to be told apart
    QVector<Row> rows;

    QString text() const; ///< lines, cells separated by two spaces
};

/// `step` must be a step of a series (PlotModel::nearestX).
Readout readoutAt(const PlotModel& model, double step, PlotUnit unit, const QString& x_label,
                  const QPalette& palette);

/// Draws the table as a box beside `anchor`, inside of `area`.
void paintReadout(QPainter& painter, const Readout& readout, QPointF anchor, const QRectF& area,
                  const QPalette& palette, const QFont& font);

} // namespace limbeck
