// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "backend/runner/session.h"

namespace limbeck {

class Document;
class FileActions;
class MessageBar;
class ProgressStrip;

/// Says that saving has stopped (a full disk) for as long as it has, and offers to try at once or to go on
/// elsewhere. The training thread only waits; nothing modal comes from it.
class SavingBar : public QObject {
    Q_OBJECT

  public:
    SavingBar(QObject& parent, Document& document, FileActions& files, MessageBar& messages,
              ProgressStrip& progress);

    void feed(const Feed& feed);

  private:
    void stopped(const Error& why);
    void end();

    Document& document_;
    FileActions& files_;
    MessageBar& messages_;
    ProgressStrip& progress_;
};

} // namespace limbeck
