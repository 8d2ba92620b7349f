// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>

#include "backend/project/archive.h"

class QProgressDialog;
class QWidget;

namespace limbeck {

struct Actions;
class Document;
class FileActions;
class MessageBar;
class Settings;

/// Export Archive…, and opening one: both on a thread of their own, with a progress that can be cancelled
/// once it takes longer than a second. The window stays usable meanwhile.
class ArchiveActions : public QObject {
    Q_OBJECT

  public:
    ArchiveActions(QWidget& window, Document& document, FileActions& files, Actions& actions,
                   MessageBar& messages, Settings& settings);
    ~ArchiveActions() override; ///< cancels what is under way and waits for it

    /// Asks where to, and what goes along.
    void showExport();
    void write(const QString& file, const ArchiveOptions& options);
    /// Asks for a folder to unpack into, then unpacks and opens.
    void showUnpack(const QString& file);
    void unpack(const QString& file, const QString& folder);

    bool isBusy() const { return busy_; }

  signals:
    void done();

  private:
    /// Runs on the worker, gets the progress to report to.
    using Work = std::function<Result<QString>(const ArchiveProgress&)>;

    void begin(const QString& doing, Work work, std::function<void(const QString&)> then);
    void stop();
    void say(const QString& text);

    QWidget& window_;
    Document& document_;
    FileActions& files_;
    MessageBar& messages_;
    Settings& settings_;
    std::shared_ptr<std::atomic<bool>> cancelled_;
    QPointer<QProgressDialog> progress_;
    bool busy_ = false;
    QThreadPool pool_;
};

} // namespace limbeck
