// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/help.h"

#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFile>
#include <QLabel>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "app/log/log_file.h"

namespace limbeck {

void show_first_steps(QWidget& parent) {
    constexpr const char* name = "firstSteps";
    if (auto* shown = parent.findChild<QDialog*>(name)) {
        shown->raise();
        shown->activateWindow();
        return;
    }
    auto* dialog = new QDialog(&parent);
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(QDialog::tr("First Steps"));
    auto* text = new QTextBrowser(dialog);
    text->setOpenExternalLinks(true);
    text->setFrameShape(QFrame::NoFrame);
    text->document()->setDocumentMargin(16);
    QFile file(":/limbeck/help/first-steps.md");
    if (file.open(QIODevice::ReadOnly)) text->setMarkdown(QString::fromUtf8(file.readAll()));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(text);
    layout->addWidget(buttons);
    dialog->resize(620, 640);
    dialog->show();
}

void show_log(QWidget& parent, const LogFile& log) {
    auto* dialog = new QDialog(&parent);
    dialog->setObjectName("log");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(QDialog::tr("Log"));
    const QString lines = log.tail();
    auto* text =
        new QPlainTextEdit(lines.isEmpty() ? QDialog::tr("Nothing has been noted yet.") : lines, dialog);
    text->setObjectName("logText");
    text->setReadOnly(true);
    text->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    text->moveCursor(QTextCursor::End);
    auto* where = new QLabel(log.path(), dialog);
    where->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(text);
    layout->addWidget(where);
    layout->addWidget(buttons);
    dialog->resize(760, 480);
    dialog->show();
}

void show_about(QWidget& parent) {
    auto* box = new QMessageBox(&parent);
    box->setObjectName("aboutBox");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIconPixmap(QApplication::windowIcon().pixmap(64, 64));
    box->setWindowTitle(QMessageBox::tr("About Limbeck"));
    box->setText(QMessageBox::tr("<b>Limbeck %1</b><br>A workbench for knowledge distillation.")
                     .arg(QApplication::applicationVersion()));
    box->setInformativeText(
        QMessageBox::tr("Free software under the GNU General Public License, version 3 or later.<br>"
                        "Built on Qt %1, LibTorch 2.11, QCustomPlot and SQLite.")
            .arg(QLatin1String(qVersion())));
    box->open();
}

} // namespace limbeck
