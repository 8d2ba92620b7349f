// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "app/recovery/recovery_note.h"

namespace limbeck {

/// The right to deal with one file of unsaved edits: an flock on a file beside it, which dies with its
/// process. A program holds it on its own file; who offers a dead program's edits holds it meanwhile, so that
/// no two windows offer the same.
class RecoveryClaim {
  public:
    /// nullptr when another one holds it, or it cannot be had (a file system that locks nothing).
    static std::unique_ptr<RecoveryClaim> take(const QString& file);
    ~RecoveryClaim();
    RecoveryClaim(const RecoveryClaim&) = delete;
    RecoveryClaim& operator=(const RecoveryClaim&) = delete;

  private:
    RecoveryClaim(int descriptor, QString file);
    int descriptor_;
    QString file_;
};

/// The folder beside the settings where unsaved edits are kept, a file for each program that has some. Calls
/// go to the disk: make them off the GUI thread.
class RecoveryFolder {
  public:
    /// `root` is made when first needed.
    explicit RecoveryFolder(QString root);

    struct Left {
        QString file;
        RecoveryNote note;
        std::shared_ptr<RecoveryClaim> claim;
    };

    struct Found {
        std::vector<Left> left; ///< of programs that are no more, newest first
        QStringList damaged;    ///< where files that cannot be read were put aside
    };

    /// What dead programs left. Files of running ones are not touched; those that cannot be read are renamed
    /// to
    /// *.damaged and stay.
    Found look() const;

    /// A name for this program's file; nothing is made there.
    QString ownFile() const;
    /// Whole or not at all: temporary file, fsync, rename, fsync of the folder.
    static Result<void> write(const QString& file, const RecoveryNote& note);
    static void remove(const QString& file);

    const QString& root() const { return root_; }

  private:
    QString root_;
};

} // namespace limbeck
