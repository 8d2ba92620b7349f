// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QHash>
#include <QPalette>
#include <QRect>
#include <QString>

#include "widgets/plots/axis_fit.h"
#include "widgets/plots/curve_look.h"
#include "widgets/plots/event_marks.h"
#include "widgets/plots/phase_bands.h"
#include "widgets/plots/plot_model.h"

class QCPGraph;
class QCPItemText;
class QCPPainter;
class QCustomPlot;
class QWidget;

namespace limbeck {

/// Axes, curves and marks on QCustomPlot. Knows no user: the window's plot and exported pictures both draw
/// with it.
class CurveSheet {
  public:
    CurveSheet(PlotUnit unit, QWidget* parent);
    ~CurveSheet();
    CurveSheet(const CurveSheet&) = delete;
    CurveSheet& operator=(const CurveSheet&) = delete;

    QCustomPlot& plot() { return *plot_; }

    QWidget* widget() const;

    EventMarks& marks() { return marks_; }

    void setColours(const QPalette& palette, const QFont& font);
    void setLabels(const QString& x, const QString& y);
    /// Without data the axes stand there without numbers.
    void setEmpty(bool empty);

    AxisRange x() const;
    AxisRange y() const;
    void setX(const AxisRange& range);
    void setY(const AxisRange& range);

    bool log() const { return log_; }

    void setLog(bool on);

    /// The area between the axes, in the widget's coordinates.
    QRect area() const;
    double xAt(double pixel) const;
    double yAt(double pixel) const;
    double pixelOfX(double x) const;
    double pixelOfY(double y) const;

    /// Before a replot: ticks and labels for the size that it has.
    void prepare();
    /// Hands QCustomPlot the envelope of what is visible; after the layout, before drawing. `density`:
    /// columns per pixel. `clip`: cut lines at the edges instead of leaving that to the painter.
    void update(const PlotModel& model, double density = 1, bool clip = false);

    /// Points that the last update handed over.
    int drawnPoints() const { return drawn_points_; }

  private:
    struct Graphs {
        QCPGraph* trace = nullptr;
        QCPGraph* outline = nullptr;
        QCPGraph* line = nullptr;
        QCPGraph* markers = nullptr;
    };

    Graphs makeGraphs();
    void removeGraphs(const Graphs& graphs);
    void drawSeries(const Series& series, const CurveLook& look, bool current, Graphs& graphs, double density,
                    bool clip);
    void setLine(QCPGraph* graph, const std::vector<PlotPoint>& points, const QPen& pen, bool smooth);
    void setMarkers(const Series& series, const CurveLook& look, Graphs& graphs);
    void setTickers();
    void fitLabel();

    PlotUnit unit_;
    QCustomPlot* plot_; ///< owned here without a parent, by the parent with one
    bool owned_;
    EventMarks marks_;
    PhaseBands bands_;
    QPalette palette_;
    QString y_label_;
    QCPItemText* x_label_; ///< at the right end of the axis, where it costs no height
    QHash<QString, Graphs> graphs_;
    bool log_ = false;
    int drawn_points_ = 0;
};

} // namespace limbeck
