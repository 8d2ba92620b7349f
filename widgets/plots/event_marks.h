// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QColor>
#include <QFont>
#include <QPointF>
#include <QVector>

#include "widgets/plots/plot_spec.h"

class QCustomPlot;

namespace limbeck {

/// The vertical dashed lines where a run was changed by hand, with their labels at the edge where curves are
/// not: losses end at the bottom, accuracies at the top.
class EventMarks {
  public:
    /// The plot owns what is drawn; it must outlive this handle.
    EventMarks(QCustomPlot& plot, PlotUnit unit);

    void setMarks(const QVector<EventMark>& marks);
    void setColours(const QColor& line, const QColor& text, const QColor& base, const QFont& font);
    /// The mark whose line or label is at a position in the plot's coordinates.
    std::optional<EventMark> at(QPointF position) const;

  private:
    class Layer;
    Layer* layer_;
};

/// Rows (0 at the edge) for labels that start at these lefts with these widths, so that none covers another;
/// -1: no room in `rows` rows. `lefts` must not fall.
QVector<int> placeLabels(const QVector<double>& lefts, const QVector<double>& widths, int rows);

} // namespace limbeck
