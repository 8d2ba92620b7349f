// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/path_edit.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QStyle>
#include <QToolButton>

namespace limbeck {

PathEdit::PathEdit(Kind kind, QString dialog_title, QString filter, QWidget* parent)
    : QWidget(parent)
    , kind_(kind)
    , dialog_title_(std::move(dialog_title))
    , filter_(std::move(filter))
    , edit_(new QLineEdit(this))
    , button_(new QToolButton(this)) {
    edit_->setMinimumWidth(60);
    button_->setIcon(
        QIcon::fromTheme(QStringLiteral("folder-open"), style()->standardIcon(QStyle::SP_DirOpenIcon)));
    button_->setToolTip(tr("Browse…"));
    button_->setAccessibleName(tr("Browse…"));
    button_->setFocusPolicy(Qt::StrongFocus);
    button_->setFixedHeight(edit_->sizeHint().height());
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(edit_, 1);
    layout->addWidget(button_);
    connect(edit_, &QLineEdit::textEdited, this, &PathEdit::edited);
    connect(edit_, &QLineEdit::editingFinished, this, &PathEdit::committed);
    connect(edit_, &QLineEdit::textChanged, edit_, [this](const QString& text) { edit_->setToolTip(text); });
    connect(button_, &QToolButton::clicked, this, &PathEdit::browse);
}

QString PathEdit::path() const {
    return edit_->text();
}

void PathEdit::setPath(const QString& path) {
    if (edit_->text() != path) edit_->setText(path);
}

void PathEdit::setPlaceholder(const QString& text) {
    edit_->setPlaceholderText(text);
}

void PathEdit::browse() {
    const QFileInfo now(path());
    const QString start = path().isEmpty()        ? QDir::homePath()
                          : kind_ == Kind::folder ? now.absoluteFilePath()
                                                  : now.absolutePath();
    auto* dialog = new QFileDialog(this, dialog_title_, start, filter_);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    // Desktop dialogs may run an event loop of their own; Qt's never does when opened.
    dialog->setOption(QFileDialog::DontUseNativeDialog);
    dialog->setFileMode(kind_ == Kind::folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    if (kind_ == Kind::folder) dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        setPath(QDir::toNativeSeparators(file));
        emit edited();
        emit committed();
    });
    dialog->open();
}

} // namespace limbeck
