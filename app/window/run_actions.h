// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>

#include "app/bridge/session_bridge.h"
#include "app/document/document.h"
#include "app/window/actions.h"

namespace limbeck {

class ExperimentForm;
class MessageBar;
class ProgressStrip;
class TrainingPage;

/// Start, Pause, Step, Stop and what follows from them: which actions are possible, what the
/// status bar says, and errors of a run in the message bar.
class RunActions : public QObject {
    Q_OBJECT

  public:
    RunActions(QObject& parent, Document& document, SessionBridge& bridge, Actions& actions,
               ExperimentForm& form, TrainingPage& page, MessageBar& messages, ProgressStrip& progress);

    void start();
    void togglePause();
    void stepOnce();
    void stop();

    bool isRunning() const { return running_; }

    bool isPaused() const { return paused_; }

  signals:
    void runningChanged(bool running);

  private:
    void connectRuns();
    void onFeed(const Feed& feed);
    void onLookedAgain(const Feed& feed); ///< while another process trains what is viewed here
    void onProgress(const RunProgress& progress);
    void begin(const Result<GroupId>& started);
    void finish();
    void refresh();
    void report(const Error& error);

    Document& document_;
    SessionBridge& bridge_;
    Actions& actions_;
    ExperimentForm& form_;
    TrainingPage& page_;
    MessageBar& messages_;
    ProgressStrip& progress_;
    RunId activeRun_ = 0;
    QElapsedTimer since_;
    bool running_ = false;
    bool paused_ = false;
    bool valid_ = true;
    QString reason_;
};

} // namespace limbeck
