// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/training_page.h"

#include <QSplitter>
#include <QVBoxLayout>
#include <ranges>

#include "widgets/plots/training_plot.h"
#include "widgets/runs/runs_model.h"
#include "widgets/runs/runs_view.h"

namespace limbeck {

TrainingPage::TrainingPage(QWidget* parent) : QWidget(parent) {
    loss_ = new TrainingPlot(tr("Loss"), tr("loss"), PlotUnit::value, this);
    loss_->setObjectName("lossPlot");
    agreement_ = new TrainingPlot(tr("Agreement"), tr("share of samples (%)"), PlotUnit::percent, this);
    agreement_->setObjectName("agreementPlot");
    loss_->linkX(agreement_);
    connect(loss_, &TrainingPlot::smoothingChanged, agreement_, &TrainingPlot::setSmoothing);
    agreement_->setSmoothingVisible(false);
    loss_->setSmoothing(0.9);

    runsModel_ = new RunsModel(this);
    runsView_ = new RunsView(this);
    runsView_->setObjectName("runsView");
    runsView_->setRunsModel(runsModel_);
    runsView_->setEmptyText(tr("Runs appear here: the teacher's, the student alone, and the student "
                               "with its teacher"));

    splitter_ = new QSplitter(Qt::Vertical, this);
    splitter_->addWidget(loss_);
    splitter_->addWidget(agreement_);
    splitter_->addWidget(runsView_);
    splitter_->setStretchFactor(0, 4);
    splitter_->setStretchFactor(1, 4);
    splitter_->setStretchFactor(2, 1);
    splitter_->setChildrenCollapsible(false);
    splitter_->setSizes({300, 300, 150});

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter_);

    board_ = new CurveBoard(*loss_, *agreement_, this);
    loss_->setQuantities(
        {tr("weighted"), tr("raw"), tr("share of gradient"), tr("learned temperature")},
        tr("<p><b>weighted</b>: each term as it enters the total. <b>raw</b>: before its weight. "
           "<b>share of gradient</b>: how much of the pull on the student comes from each term; a "
           "term whose share is near 100 % leaves the others nothing to say, so its weight is "
           "too large. <b>learned temperature</b>: of objectives that have one (ctkd).</p>"));
    connect(loss_, &TrainingPlot::quantityChanged, this, [this](int index) {
        const auto view = static_cast<LossView>(index);
        board_->setLossView(view);
        loss_->setYLabel(view == LossView::share         ? tr("share of the gradient (%)")
                         : view == LossView::temperature ? tr("temperature")
                                                         : tr("loss"));
    });
    wireRuns();
}

void TrainingPage::wireRuns() {
    connect(runsView_, &RunsView::chosen, this, [this](RunId run) {
        if (!choosing_) following_ = false;
        board_->showRun(run);
        emit chosenRunChanged(run);
    });
    connect(runsView_, &RunsView::shownChanged, board_, &CurveBoard::setOverlaid);
    connect(runsView_, &RunsView::renameRequested, this, [this](RunId run, const QString& name) {
        const auto found = records_.find(run);
        if (!session_ || found == records_.end()) return;
        if (session_->rename_run(run, name.toStdString())) {
            RunRecord renamed = found->second;
            renamed.name = name.toStdString();
            upsert(renamed);
            board_->setRuns(records_);
        }
    });
}

void TrainingPage::setSession(Session* session) {
    session_ = session;
    records_.clear();
    summaries_.clear();
    following_ = true;
    board_->setSession(session);
    std::vector<RunRow> rows;
    RunId newest = 0;
    if (session) {
        for (RunRecord& record : session->runs()) {
            const RunSummary summary = session->summary(record.id);
            summaries_[record.id] = LiveSummary(summary);
            rows.push_back({record, summary});
            if (record.role == Role::student || newest == 0) newest = record.id;
            records_[record.id] = std::move(record);
        }
    }
    runsModel_->setRuns(rows);
    board_->setRuns(records_);
    runsView_->setReadOnly(session && session->read_only());
    if (newest) choose(newest);
    emit summariesChanged();
}

void TrainingPage::readAgain() {
    const RunId chosen = chosenRun();
    const bool followed = following_;
    setSession(session_);
    following_ = followed;
    if (records_.count(chosen)) choose(chosen);
}

void TrainingPage::choose(RunId run) {
    choosing_ = true;
    runsView_->choose(run);
    choosing_ = false;
}

void TrainingPage::followActive() {
    following_ = true;
}

void TrainingPage::upsert(const RunRecord& record) {
    records_[record.id] = record;
    runsModel_->updateRun({record, summaries_[record.id].values()});
}

void TrainingPage::feed(const Feed& feed) {
    if (feed.rewound) readAgain();
    for (const RunRecord& record : feed.runs)
        upsert(record);
    if (!feed.runs.empty()) board_->setRuns(records_);

    const bool changesRun = feed.progress && feed.progress->run && following_ &&
                            feed.progress->run != board_->shownRun() && records_.count(feed.progress->run);
    // Choosing loads what the session holds, which includes this feed's points; appending them once
    // more changes nothing, because points of known steps replace.
    if (changesRun) choose(feed.progress->run);
    board_->feed(feed);

    bool changed = false;
    for (auto& [run, summary] : summaries_) {
        if (!summary.absorb(run, feed.series)) continue;
        runsModel_->updateSummary(run, summary.values());
        changed = true;
    }
    if (feed.progress) {
        const auto active = records_.find(feed.progress->run);
        if (active != records_.end()) {
            active->second.step = feed.progress->step;
            active->second.epoch = feed.progress->epoch;
            active->second.state = feed.progress->state;
            runsModel_->updateRun({active->second, summaries_[active->first].values()});
        }
    }
    if (changed || !feed.runs.empty()) emit summariesChanged();
}

void TrainingPage::draw() {
    loss_->refresh();
    agreement_->refresh();
}

const RunRecord* TrainingPage::record(RunId run) const {
    const auto found = records_.find(run);
    return found == records_.end() ? nullptr : &found->second;
}

RunSummary TrainingPage::summary(RunId run) const {
    const auto found = summaries_.find(run);
    return found == summaries_.end() ? RunSummary{} : found->second.values();
}

const RunRecord* TrainingPage::newestMeasured(Role role) const {
    for (const auto& [run, record] : records_ | std::views::reverse) {
        if (record.role == role && summary(run).last_accuracy) return &record;
    }
    return nullptr;
}

void TrainingPage::removeRun(RunId run) {
    records_.erase(run);
    summaries_.erase(run);
    runsModel_->removeRun(run);
    board_->setOverlaid(run, false);
    board_->setRuns(records_);
}

} // namespace limbeck
