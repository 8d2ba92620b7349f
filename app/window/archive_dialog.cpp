// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/archive_dialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/style/palette.h"

namespace limbeck {
namespace {

QLabel* explanation(const QString& text, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setIndent(3 * style::grid);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

} // namespace

ArchiveDialog::ArchiveDialog(bool unsaved, QWidget* parent) : QDialog(parent) {
    setObjectName("archiveDialog");
    setWindowTitle(tr("Export Archive"));
    auto* head = new QLabel(tr("The whole project as one zip file, to be sent or kept."), this);
    head->setWordWrap(true);
    weights_ = new QCheckBox(tr("&Weights"), this);
    weights_->setObjectName("archiveWeights");
    weights_->setChecked(true);
    references_ = new QCheckBox(tr("&Paths of data and weight files"), this);
    references_->setObjectName("archiveReferences");
    references_->setChecked(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * style::grid, 2 * style::grid, 2 * style::grid, 2 * style::grid);
    layout->setSpacing(style::grid);
    layout->addWidget(head);
    layout->addSpacing(style::grid);
    layout->addWidget(weights_);
    layout->addWidget(explanation(tr("Without them the file is small: settings and curves. Runs cannot be "
                                     "resumed from it."),
                                  this));
    layout->addWidget(references_);
    layout->addWidget(explanation(tr("They name folders of this computer. The data themselves are never "
                                     "in an archive."),
                                  this));
    if (unsaved) {
        auto* note = new QLabel(tr("Edits in the form that are not saved yet will not be in it."), this);
        note->setObjectName("archiveUnsaved");
        note->setWordWrap(true);
        layout->addWidget(note);
    }
    layout->addSpacing(style::grid);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    buttons->addButton(tr("&Export…"), QDialogButtonBox::AcceptRole)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    setMinimumWidth(420);
}

ArchiveOptions ArchiveDialog::options() const {
    return {weights_->isChecked(), references_->isChecked()};
}

} // namespace limbeck
