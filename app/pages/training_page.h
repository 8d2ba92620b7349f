// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <map>

#include "app/pages/curve_board.h"
#include "app/pages/live_summary.h"
#include "app/settings.h"
#include "backend/runner/session.h"

class QSplitter;

namespace limbeck {

class RunsModel;
class RunsView;
class TrainingPlot;

/// The centre of the window: the Loss and the Agreement plot with one step axis, and the list of
/// runs below. Follows the run that is on until another one is chosen.
class TrainingPage : public QWidget {
    Q_OBJECT

  public:
    explicit TrainingPage(QWidget* parent = nullptr);

    TrainingPlot& lossPlot() { return *loss_; }

    TrainingPlot& agreementPlot() { return *agreement_; }

    RunsView& runsView() { return *runsView_; }

    RunsModel& runsModel() { return *runsModel_; }

    QSplitter& splitter() { return *splitter_; }

    /// Shows a project's runs; the newest student run is chosen. nullptr empties the page.
    void setSession(Session* session);
    void feed(const Feed& feed);
    /// At most one repaint of each plot; called once a frame.
    void draw();
    /// Chooses the run that trains, now and as the group goes on, until a person chooses another.
    void followActive();

    RunId chosenRun() const { return board_->shownRun(); }

    const RunRecord* record(RunId run) const;
    RunSummary summary(RunId run) const;
    /// The newest run of a role that has been measured; nullptr if there is none.
    const RunRecord* newestMeasured(Role role) const;
    void removeRun(RunId run);

    /// After a resume: what lay behind the checkpoint is gone, and comes anew.
    void reloadCurves() { board_->reload(); }

  signals:
    void chosenRunChanged(limbeck::RunId run);
    void summariesChanged();

  private:
    void wireRuns();
    void choose(RunId run);
    void readAgain(); ///< keeps the choice
    void upsert(const RunRecord& record);

    TrainingPlot* loss_ = nullptr;
    TrainingPlot* agreement_ = nullptr;
    RunsModel* runsModel_ = nullptr;
    RunsView* runsView_ = nullptr;
    QSplitter* splitter_ = nullptr;
    CurveBoard* board_ = nullptr;
    Session* session_ = nullptr;
    std::map<RunId, RunRecord> records_;
    std::map<RunId, LiveSummary> summaries_;
    bool following_ = true;
    bool choosing_ = false;
};

} // namespace limbeck
