// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <QMap>
#include <QSet>
#include <QString>
#include <QStringList>
#include <QVector>

#include "backend/types/run.h"
#include "widgets/plots/plot_spec.h"
#include "widgets/plots/series_store.h"

namespace limbeck {

struct Series {
    QString id;
    SeriesSpec spec;
    SeriesStore store;
};

/// What a plot shows, without any drawing: series, runs, marks, and what of them is switched on.
class PlotModel {
  public:
    Series& add(const QString& id, const SeriesSpec& spec);
    Series* find(const QString& id);
    const Series* find(const QString& id) const;
    void append(Series& series, std::span<const MetricPoint> points);
    void remove(const QString& id);
    void removeRun(RunId run);
    void clear();

    const std::vector<std::unique_ptr<Series>>& series() const { return series_; }

    /// In the order of their first series.
    QStringList labels() const;
    QStringList details() const;

    /// Named runs, in the order in which they were named.
    const std::vector<std::pair<RunId, QString>>& runs() const { return runs_; }

    void setRunName(RunId run, const QString& name);
    QString runName(RunId run) const;

    void setCurrentRun(RunId run) { current_ = run; }

    RunId currentRun() const { return current_; }

    /// Drawn in full colours: every run while none is chosen.
    bool isCurrent(RunId run) const { return current_ == 0 || run == 0 || run == current_; }

    /// 0, 1, … among the runs that are not the current one: which dashes they get.
    int overlayIndex(RunId run) const;

    bool isVisible(const Series& series) const;
    QSet<QString> hidden_labels;
    QSet<RunId> hidden_runs;

    QMap<RunId, QVector<EventMark>> marks;
    QMap<RunId, QVector<PhaseBand>> bands; ///< only those of the current run are drawn
    /// Those of visible runs, by x.
    QVector<EventMark> visibleMarks() const;

    /// Applies to the series that are raw.
    void setSmoothing(double weight);

    double smoothing() const { return smoothing_; }

    bool hasPoints() const;
    /// First and last x of the visible series that are not flat.
    std::optional<std::pair<double, double>> extentX() const;
    /// The step of a visible series that is nearest to x; nothing without points.
    std::optional<double> nearestX(double x) const;

  private:
    std::vector<std::unique_ptr<Series>> series_;
    std::vector<std::pair<RunId, QString>> runs_;
    RunId current_ = 0;
    double smoothing_ = 0.9;
};

} // namespace limbeck
