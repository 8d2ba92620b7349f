// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/run_actions.h"

#include <QAction>
#include <QMessageBox>
#include <QPushButton>

#include "app/pages/training_page.h"
#include "widgets/bar/message_bar.h"
#include "widgets/bar/progress_strip.h"
#include "widgets/forms/experiment_form.h"
#include "widgets/runs/runs_view.h"
#include "widgets/style/format.h"

namespace limbeck {
namespace {

QString activityOf(const RunProgress& progress) {
    switch (progress.role) {
    case Role::teacher:
        return RunActions::tr("Training the teacher");
    case Role::baseline:
        return RunActions::tr("Training the student alone");
    case Role::assistant:
        return RunActions::tr("Distilling an assistant");
    case Role::student:
        break;
    }
    return RunActions::tr("Distilling the student");
}

} // namespace

RunActions::RunActions(QObject& parent, Document& document, SessionBridge& bridge, Actions& actions,
                       ExperimentForm& form, TrainingPage& page, MessageBar& messages,
                       ProgressStrip& progress)
    : QObject(&parent)
    , document_(document)
    , bridge_(bridge)
    , actions_(actions)
    , form_(form)
    , page_(page)
    , messages_(messages)
    , progress_(progress) {
    connect(actions_.start, &QAction::triggered, this, &RunActions::start);
    connect(actions_.pause, &QAction::triggered, this, &RunActions::togglePause);
    connect(actions_.step, &QAction::triggered, this, &RunActions::stepOnce);
    connect(actions_.stop, &QAction::triggered, this, &RunActions::stop);
    connect(actions_.evaluateNow, &QAction::triggered, this,
            [this] { document_.session()->send(EvaluateNow{}); });
    connect(&bridge_, &SessionBridge::fed, this, &RunActions::onFeed);
    connect(&form_, &ExperimentForm::liveEdited, this, [this](const QString& key, double value) {
        if (running_) document_.session()->send(SetLive{key.toStdString(), value});
    });
    connect(&form_, &ExperimentForm::validityChanged, this, [this](bool valid, const QString& reason) {
        valid_ = valid;
        reason_ = reason;
        refresh();
    });
    connect(&page_, &TrainingPage::chosenRunChanged, this, &RunActions::refresh);
    connect(&document_, &Document::replaced, this, [this] {
        running_ = paused_ = false;
        progress_.setIdle();
        progress_.setSecondsSinceSave({});
        form_.setRunning(false);
        emit runningChanged(false);
        refresh();
    });
    connectRuns();
    refresh();
}

void RunActions::connectRuns() {
    RunsView& view = page_.runsView();
    const auto resume = [this](RunId run) {
        begin(document_.session()->resume(run));
        if (running_) page_.reloadCurves();
    };
    const auto repeat = [this](RunId run) { begin(document_.session()->repeat(run)); };
    connect(&view, &RunsView::resumeRequested, this, resume);
    connect(&view, &RunsView::repeatRequested, this, repeat);
    connect(actions_.resumeRun, &QAction::triggered, this, [this, resume] { resume(page_.chosenRun()); });
    connect(actions_.repeatRun, &QAction::triggered, this, [this, repeat] { repeat(page_.chosenRun()); });
    connect(&view, &RunsView::settingsRequested, this, [this](RunId run) {
        const RunRecord* record = page_.record(run);
        if (record && !running_)
            document_.edit(record->config, tr("settings of “%1”").arg(QString::fromStdString(record->name)));
    });
    connect(&view, &RunsView::removeRequested, this, [this](RunId run) {
        const RunRecord* record = page_.record(run);
        if (!record) return;
        auto* box = new QMessageBox(
            QMessageBox::Question, tr("Remove run"),
            tr("Remove “%1” with its curves and weights?").arg(QString::fromStdString(record->name)),
            QMessageBox::NoButton, &page_);
        box->setObjectName("removeQuestion");
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setInformativeText(tr("This cannot be undone."));
        QPushButton* remove = box->addButton(tr("&Remove"), QMessageBox::DestructiveRole);
        box->setDefaultButton(box->addButton(tr("&Keep"), QMessageBox::RejectRole));
        connect(remove, &QPushButton::clicked, this, [this, run] {
            if (auto removed = document_.session()->remove_run(run); !removed) {
                report(removed.error());
            } else {
                page_.removeRun(run);
            }
        });
        box->open();
    });
}

void RunActions::start() {
    if (!actions_.start->isEnabled()) return;
    begin(document_.session()->start(document_.config()));
}

void RunActions::begin(const Result<GroupId>& started) {
    if (!started) {
        report(started.error());
        return;
    }
    messages_.dismiss("run");
    messages_.dismiss("note");
    page_.followActive();
    running_ = true;
    paused_ = false;
    since_.start();
    document_.noteRunsExist();
    form_.setRunning(true);
    bridge_.clock().setTraining(true);
    bridge_.clock().start();
    progress_.setProgress({tr("Getting ready…"), 0, 0, -1, 0, -1, false});
    emit runningChanged(true);
    refresh();
}

void RunActions::togglePause() {
    if (!running_) return;
    if (paused_) {
        document_.session()->send(Resume{});
    } else {
        document_.session()->send(Pause{});
    }
}

void RunActions::stepOnce() {
    if (!running_) return;
    if (!paused_) document_.session()->send(Pause{});
    document_.session()->send(StepOnce{});
}

void RunActions::stop() {
    if (running_) document_.session()->send(Stop{});
}

void RunActions::onFeed(const Feed& feed) {
    for (const std::string& note : feed.notes) {
        // What is being done just now goes with the progress; what a person should know stays in the bar.
        const QString text = QString::fromStdString(note);
        if (!text.endsWith(QChar(0x2026))) {
            messages_.post({Severity::information, text, {}, {}, {}, "note"});
        } else if (running_) {
            progress_.setProgress({text, 0, 0, -1, 0, -1, false});
        }
    }
    for (const Error& error : feed.errors)
        report(error);
    if (feed.progress && running_) onProgress(*feed.progress);
    if (feed.looked_again) onLookedAgain(feed);
    if (feed.seconds_since_save) progress_.setSecondsSinceSave(feed.seconds_since_save);
    if (feed.finished && running_) finish();
}

void RunActions::onLookedAgain(const Feed& feed) {
    document_.takeSavedConfig();
    if (!feed.progress) {
        progress_.setIdle();
    } else {
        const RunProgress& run = *feed.progress;
        progress_.setProgress({tr("Trained elsewhere"), run.epoch, run.total_epochs, run.group_fraction, 0,
                               -1, run.state == RunState::paused});
    }
}

void RunActions::onProgress(const RunProgress& progress) {
    const bool paused = progress.state == RunState::paused;
    activeRun_ = progress.run;
    progress_.setProgress({activityOf(progress), progress.epoch, progress.total_epochs,
                           progress.group_fraction, progress.samples_per_second, progress.seconds_left,
                           paused, QString::fromStdString(progress.phase)});
    if (paused != paused_) {
        paused_ = paused;
        bridge_.clock().setTraining(!paused);
        refresh();
    }
}

void RunActions::finish() {
    running_ = paused_ = false;
    form_.setRunning(false);
    bridge_.clock().setTraining(false);
    const RunRecord* last = page_.record(activeRun_);
    QString how;
    if (last && last->state == RunState::finished) how = tr("Finished");
    if (last && last->state == RunState::stopped) how = tr("Stopped");
    if (last && last->state == RunState::failed) how = tr("Failed");
    if (!how.isEmpty()) {
        how = tr("%1 after %2").arg(how, format::duration(static_cast<double>(since_.elapsed()) / 1000));
    }
    progress_.setIdle(how);
    emit runningChanged(false);
    refresh();
}

void RunActions::refresh() {
    const bool writable = document_.session() && !document_.isReadOnly();
    const bool canStart = writable && valid_ && !running_;
    actions_.start->setEnabled(canStart);
    if (!valid_) {
        actions_.start->setToolTip(tr("Cannot start: %1").arg(reason_));
    } else if (running_) {
        actions_.start->setToolTip(tr("A run is on; stop it first"));
    } else if (!writable) {
        actions_.start->setToolTip(tr("The project is open for viewing only; save it elsewhere first"));
    } else {
        actions_.start->setToolTip(tr("%1 (Ctrl+R)").arg(actions_.start->statusTip()));
    }
    actions_.pause->setEnabled(running_);
    actions_.pause->setText(paused_ ? tr("&Resume") : tr("&Pause"));
    actions_.pause->setIcon(
        QIcon(paused_ ? ":/limbeck/icons/run-start.svg" : ":/limbeck/icons/run-pause.svg"));
    actions_.pause->setToolTip(paused_ ? tr("Go on (Space)") : tr("Pause after this step (Space)"));
    actions_.step->setEnabled(running_);
    actions_.stop->setEnabled(running_);
    actions_.evaluateNow->setEnabled(running_);

    const RunRecord* chosen = page_.record(page_.chosenRun());
    actions_.resumeRun->setEnabled(writable && !running_ && chosen && is_unfinished(chosen->state));
    actions_.repeatRun->setEnabled(writable && !running_ && chosen);
    page_.runsView().setRunning(running_);
}

void RunActions::report(const Error& error) {
    if (error.kind == ErrorKind::cancelled) return;
    Message message{Severity::error,
                    QString::fromStdString(error.message),
                    QString::fromStdString(error.detail),
                    {},
                    {},
                    "run"};
    if (!error.field.empty()) {
        message.action_text = tr("Show Setting");
        message.action = [this, key = QString::fromStdString(error.field)] { form_.focusField(key); };
    }
    messages_.post(std::move(message));
}

} // namespace limbeck
