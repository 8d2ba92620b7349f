// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/pages/curve_style.h"
#include "backend/runner/session.h"

namespace limbeck {

class TrainingPlot;

/// Puts the curves of one run, and of those overlaid for comparison, on the two plots and keeps
/// them up to date from the feed.
class CurveBoard : public QObject {
    Q_OBJECT

  public:
    CurveBoard(TrainingPlot& loss, TrainingPlot& agreement, QObject* parent = nullptr);

    /// Forgets everything; nullptr while no project is open.
    void setSession(Session* session);
    /// What is known of the project's runs; curves of removed ones go.
    void setRuns(const std::map<RunId, RunRecord>& runs);

    void showRun(RunId run);

    RunId shownRun() const { return shown_; }

    void setOverlaid(RunId run, bool overlaid);

    /// What the loss plot shows of the chosen run's terms.
    void setLossView(LossView view);

    /// Loads all curves and marks anew: a run that goes on was set back to its checkpoint.
    void reload() { rebuild(); }

    void feed(const Feed& feed);

  private:
    struct Target {
        TrainingPlot* plot;
        QString id;
        double scale;
    };

    using Source = std::pair<RunId, std::string>;

    void rebuild();
    void addCurves(const std::vector<Curve>& curves, const QString& prefix);
    void loadMarks(RunId run);
    void showMarks(RunId run);
    TrainingPlot* plotOf(PlotKind kind);
    CurveContext contextOf(const RunRecord& run) const;
    QString nameOf(RunId run) const;

    TrainingPlot& loss_;
    TrainingPlot& agreement_;
    Session* session_ = nullptr;
    std::map<RunId, RunRecord> runs_;
    RunId shown_ = 0;
    LossView view_ = LossView::weighted;
    std::set<RunId> overlaid_, drawn_;
    std::map<Source, std::vector<Target>> targets_;
    std::map<RunId, std::vector<RunEvent>> events_;
};

} // namespace limbeck
