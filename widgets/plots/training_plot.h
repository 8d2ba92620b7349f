// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include "backend/types/run.h"
#include "widgets/plots/plot_spec.h"

namespace limbeck {

class Navigation;

/// Curves over training steps with a title, a legend that toggles, a crosshair, marks and export.
///
/// Data handed over only mark the plot dirty; refresh(), called by the owner's FrameClock, draws at most once
/// and only what is visible, at a cost that does not grow with the number of points. A hidden or minimised
/// plot draws nothing. The user's zoom is kept while data arrive; without one the axes fit the data.
class TrainingPlot : public QWidget {
    Q_OBJECT

  public:
    /// `yLabel` carries the unit ("loss", "accuracy, agreement (%)").
    explicit TrainingPlot(const QString& title, const QString& yLabel, PlotUnit unit,
                          QWidget* parent = nullptr);
    ~TrainingPlot() override;

    QString title() const;
    void setXLabel(const QString& label);   ///< default "step"
    void setEmptyText(const QString& text); ///< default "Press Start (Ctrl+R) to train; curves appear here"
    void setLogToggleVisible(bool visible); ///< default: shown for PlotUnit::value
    void setSmoothingVisible(bool visible); ///< default: shown

    // --- series
    // -------------------------------------------------------------------------------------------------
    /// Adds a series, or gives the one of this id a new look and keeps its points.
    void addSeries(const QString& id, const SeriesSpec& spec);
    bool hasSeries(const QString& id) const;
    QStringList seriesIds() const;
    /// Points with a step not after the last one replace what stands from there on (a run that resumed).
    void append(const QString& id, std::span<const MetricPoint> points);
    void setPoints(const QString& id, std::span<const MetricPoint> points);
    std::size_t pointCount(const QString& id) const;
    void removeSeries(const QString& id);
    void removeRun(RunId run); ///< with its series and marks
    void clear();              ///< all series, marks and runs; zoom and hidden labels too

    // --- runs, when several are overlaid
    // ------------------------------------------------------------------------
    /// Gives a run its name in legend, read-out and CSV; with two or more named runs the legend lists them.
    void setRunName(RunId run, const QString& name);
    /// The run in full colours and solid lines; 0: all are.
    void setCurrentRun(RunId run);

    // --- legend
    // -------------------------------------------------------------------------------------------------
    bool isLabelVisible(const QString& label) const;
    void setLabelVisible(const QString& label, bool visible);
    bool isSeriesVisible(const QString& id) const; ///< its label and its run are both on
    bool isRunVisible(RunId run) const;
    void setRunVisible(RunId run, bool visible);

    // --- marks
    // --------------------------------------------------------------------------------------------------
    void setEventMarks(RunId run, const QVector<EventMark>& marks);
    QVector<EventMark> eventMarks() const;
    /// Stages and warm-ups of a run, drawn behind the curves while it is the current one.
    void setPhaseBands(RunId run, const QVector<PhaseBand>& bands);
    QVector<PhaseBand> phaseBands() const; ///< of the current run

    // --- quantities
    // ---------------------------------------------------------------------------------------------
    /// What the plot can show, to choose from in its header; fewer than two hide the choice.
    void setQuantities(const QStringList& names, const QString& tooltip);
    void setQuantity(int index); ///< as if the user had chosen
    int quantity() const;
    void setYLabel(const QString& label);

    // --- view
    // ---------------------------------------------------------------------------------------------------
    struct Range {
        double lower = 0, upper = 1;
        bool operator==(const Range&) const = default;
    };

    Range xRange() const;
    Range yRange() const;
    bool isZoomed() const; ///< the user has moved an axis; fit() ends it
    /// Steps that the run is going to take: the fitted x axis ends there, so that it stands still. 0: at the
    /// data.
    void setExpectedSteps(double steps);
    /// Both plots show the same steps from now on: zoom, pan, fit and the crosshair.
    void linkX(TrainingPlot* other);
    bool logScale() const;
    double smoothing() const; ///< 0 … 0.999, weight of the past in the moving average
    bool follow() const;      ///< while zoomed in x, the newest step stays at the right edge

    /// The read-out at the crosshair as plain lines, as shown; empty without one.
    QString crosshairText() const;

    // --- drawing
    // ------------------------------------------------------------------------------------------------
    bool isDirty() const;
    /// CPU time spent on drawing since the last call. For FrameClock::addCostSource.
    std::chrono::nanoseconds takeFrameCost();
    int replotCount() const;

    // --- export
    // -------------------------------------------------------------------------------------------------
    /// By suffix: .png (at twice the size), .svg, .pdf, .csv. False, with the reason in exportError().
    /// Pictures are on white, with title and legend; CSV holds all points of the visible series, not just
    /// those in view.
    bool exportTo(const QString& path);
    QString exportError() const;
    QByteArray csv() const;
    QImage picture(double scale = 2.0) const;

    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

  public slots:
    void refresh();
    void fit();
    void setXRange(double lower, double upper); ///< as if the user had zoomed
    void setYRange(double lower, double upper);
    void setLogScale(bool on);
    void setSmoothing(double weight);
    void setFollow(bool on);
    void copyPicture();
    /// Ask for a file and write it; an error goes to exportFailed().
    void exportPictureAs();
    void exportDataAs();
    void setCrosshair(double x); ///< snaps to the nearest step
    void clearCrosshair();

  signals:
    void xRangeChanged(double lower, double upper);
    void zoomedChanged(bool zoomed);
    void crosshairMoved(double x); ///< NaN: gone
    void labelToggled(const QString& label, bool visible);
    void runToggled(limbeck::RunId run, bool visible);
    void smoothingChanged(double weight);
    void logScaleChanged(bool on);
    void quantityChanged(int index);
    void exportFailed(const QString& reason);
    void exported(const QString& path);

  protected:
    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;

  private:
    friend class Navigation;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace limbeck
