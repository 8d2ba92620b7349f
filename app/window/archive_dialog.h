// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/project/archive.h"

class QCheckBox;

namespace limbeck {

/// What goes into an archive.
class ArchiveDialog : public QDialog {
    Q_OBJECT

  public:
    /// `unsaved`: there are edits in the form that the archive will not have; it says so.
    explicit ArchiveDialog(bool unsaved, QWidget* parent = nullptr);

    ArchiveOptions options() const;

  private:
    QCheckBox* weights_;
    QCheckBox* references_;
};

} // namespace limbeck
