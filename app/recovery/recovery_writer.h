// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <functional>
#include <memory>

#include "app/recovery/recovery_folder.h"

namespace limbeck {

class Document;

/// Keeps unsaved edits of the document in a file beside the settings: written at most half a second after an
/// edit on a thread of its own, gone once they are saved, discarded or undone, and at a clean exit.
class RecoveryWriter : public QObject {
    Q_OBJECT

  public:
    static constexpr int delayMs = 500;

    RecoveryWriter(Document& document, RecoveryFolder folder, QObject* parent = nullptr);
    ~RecoveryWriter() override; ///< a clean exit: takes the file away

    /// Writes at once what is not saved; `then` runs on the writing thread when it is on the disk.
    void writeNow(std::function<void()> then = {});

    bool isWriting() const { return writing_; }

    const RecoveryFolder& folder() const { return folder_; }

    const QString& file() const { return file_; }

  signals:
    /// The file now holds the edits, or is gone because there are none.
    void settled(bool present);
    /// Told once until it works again.
    void failed(const limbeck::Error& error);

  private:
    void changed();
    void write(std::function<void()> then);
    void told(const Result<void>& written);

    struct Keeper; ///< lives on the writing thread

    Document& document_;
    RecoveryFolder folder_;
    QString file_;
    QThreadPool pool_;
    QTimer delay_;
    std::shared_ptr<Keeper> keeper_;
    bool writing_ = false, again_ = false, failing_ = false;
    bool present_ = false; ///< what was last asked for leaves a file
};

} // namespace limbeck
