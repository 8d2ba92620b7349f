// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <functional>

#include "app/document/document.h"
#include "app/settings.h"
#include "app/window/actions.h"

class QWidget;

namespace limbeck {

class MessageBar;

/// New, Open, Save, Close: everything about files, with the questions that must be answered
/// before work is lost.
class FileActions : public QObject {
    Q_OBJECT

  public:
    FileActions(QWidget& window, Document& document, Actions& actions, MessageBar& messages,
                Settings& settings);

    /// An archive is handed on (archiveChosen), which is no error.
    bool openPath(const QString& path);
    bool newProject(const ExperimentConfig& config);
    /// True if the project may go: saved, discarded, or nothing to lose. Asks when it must.
    bool confirmLeave();

    /// What runs gave is not on the disk: leaving asks.
    void setSavingStopped(bool stopped) { savingStopped_ = stopped; }

    bool save();
    bool saveAs();
    bool saveTo(const QString& folder);

  signals:
    /// A file was opened that is an archive: it wants a folder first.
    void archiveChosen(const QString& file);

  private:
    enum class Answer { save, discard, cancel };

    bool isOpen(const QString& path) const;
    void tellDamage();
    void showGallery();
    void showOpen();
    void closeProject();
    void fillRecent();
    bool confirmUnsavedRun();
    bool confirmStop();
    Answer askUnsaved();
    void report(const Error& error, const QString& key, const QString& verb = {},
                std::function<void()> action = {});

    QWidget& window_;
    Document& document_;
    Actions& actions_;
    MessageBar& messages_;
    Settings& settings_;
    bool savingStopped_ = false;
};

} // namespace limbeck
