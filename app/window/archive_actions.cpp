// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/archive_actions.h"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QProgressDialog>
#include <cmath>

#include "app/document/document.h"
#include "app/document/paths.h"
#include "app/settings.h"
#include "app/window/actions.h"
#include "app/window/archive_dialog.h"
#include "app/window/file_actions.h"
#include "widgets/bar/message_bar.h"

namespace limbeck {

ArchiveActions::ArchiveActions(QWidget& window, Document& document, FileActions& files, Actions& actions,
                               MessageBar& messages, Settings& settings)
    : QObject(&window)
    , window_(window)
    , document_(document)
    , files_(files)
    , messages_(messages)
    , settings_(settings) {
    pool_.setMaxThreadCount(1);
    connect(actions.exportArchive, &QAction::triggered, this, &ArchiveActions::showExport);
    connect(&files_, &FileActions::archiveChosen, this, &ArchiveActions::showUnpack);
    // An archive is written through the session: it must be done before that goes.
    connect(&document_, &Document::aboutToReplace, this, &ArchiveActions::stop);
}

ArchiveActions::~ArchiveActions() {
    stop();
}

void ArchiveActions::stop() {
    if (cancelled_) *cancelled_ = true;
    pool_.waitForDone();
}

void ArchiveActions::showExport() {
    auto* dialog = new ArchiveDialog(document_.hasUnsavedEdits(), &window_);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const ArchiveOptions options = dialog->options();
        const QString name = document_.isUntitled() ? tr("My experiment") : document_.title();
        auto* choice = new QFileDialog(&window_, tr("Export Archive"), settings_.lastFolder(),
                                       tr("Archives of Limbeck (*.limbeck.zip)"));
        choice->setObjectName("archiveFileDialog");
        choice->setAttribute(Qt::WA_DeleteOnClose);
        choice->setAcceptMode(QFileDialog::AcceptSave);
        choice->setDefaultSuffix("limbeck.zip");
        choice->selectFile(name + ".limbeck.zip");
        connect(choice, &QFileDialog::fileSelected, this, [this, options](const QString& file) {
            settings_.setLastFolder(QFileInfo(file).absolutePath());
            write(file, options);
        });
        choice->open();
    });
    dialog->open();
}

void ArchiveActions::write(const QString& file, const ArchiveOptions& options) {
    Session* session = document_.session();
    begin(
        tr("Writing %1").arg(shown_name(file)),
        [session, file, options](const ArchiveProgress& progress) -> Result<QString> {
            if (auto written = session->write_archive(path_of_text(file), options, progress); !written)
                return tl::unexpected(written.error());
            return file;
        },
        [this](const QString& written) {
            const double bytes = static_cast<double>(QFileInfo(written).size());
            say(tr("Wrote %1 (%2).")
                    .arg(shown_path(written), QLocale::c().formattedDataSize(static_cast<qint64>(bytes), 1,
                                                                             QLocale::DataSizeSIFormat)));
        });
}

void ArchiveActions::showUnpack(const QString& file) {
    // "x.limbeck.zip" → "x", beside the archive.
    QString name = shown_name(file);
    for (const char* ending : {".zip", ".limbeck"})
        if (name.endsWith(QLatin1String(ending), Qt::CaseInsensitive)) name.chop(qstrlen(ending));
    auto* dialog = new QFileDialog(&window_, tr("Unpack Archive To"), QFileInfo(file).absolutePath());
    dialog->setObjectName("unpackDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setOption(QFileDialog::DontConfirmOverwrite);
    dialog->setLabelText(QFileDialog::FileName, tr("New folder:"));
    dialog->setLabelText(QFileDialog::Accept, tr("Unpack"));
    dialog->selectFile(name);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, file](const QString& folder) { unpack(file, folder); });
    dialog->open();
}

void ArchiveActions::unpack(const QString& file, const QString& folder) {
    begin(
        tr("Unpacking %1").arg(shown_name(file)),
        [file, folder](const ArchiveProgress& progress) -> Result<QString> {
            auto unpacked = unpack_archive(path_of_text(file), path_of_text(folder), progress);
            if (!unpacked) return tl::unexpected(unpacked.error());
            return text_of_path(*unpacked);
        },
        [this](const QString& project) {
            settings_.setLastFolder(QFileInfo(project).absolutePath());
            files_.openPath(project);
        });
}

void ArchiveActions::begin(const QString& doing, Work work, std::function<void(const QString&)> then) {
    if (busy_) {
        say(tr("An archive is being written or read already; wait for its end, or cancel it."));
        return;
    }
    busy_ = true;
    messages_.dismiss("archive");
    const auto cancelled = std::make_shared<std::atomic<bool>>(false);
    cancelled_ = cancelled;
    constexpr int steps = 1000;
    auto* bar = new QProgressDialog(doing + QChar(0x2026), tr("Cancel"), 0, steps, &window_);
    bar->setObjectName("archiveProgress");
    bar->setWindowTitle(tr("Archive"));
    bar->setMinimumDuration(1000);
    bar->setAutoClose(false);
    bar->setAutoReset(false);
    bar->setValue(0);
    connect(bar, &QProgressDialog::canceled, this, [cancelled] { *cancelled = true; });
    progress_ = bar;
    pool_.start([this, cancelled, work = std::move(work), then = std::move(then)] {
        auto shown = std::make_shared<std::atomic<int>>(0);
        const auto result = work([this, cancelled, shown](double part) {
            const int now = static_cast<int>(std::lround(part * steps));
            if (shown->exchange(now) != now)
                QMetaObject::invokeMethod(
                    this,
                    [this, now] {
                        if (progress_) progress_->setValue(now);
                    },
                    Qt::QueuedConnection);
            return !cancelled->load();
        });
        QMetaObject::invokeMethod(
            this,
            [this, result, then] {
                busy_ = false;
                if (progress_) progress_->deleteLater();
                progress_ = nullptr;
                if (result)
                    then(*result);
                else if (result.error().kind != ErrorKind::cancelled)
                    messages_.post({Severity::error,
                                    QString::fromStdString(result.error().message),
                                    QString::fromStdString(result.error().detail),
                                    {},
                                    {},
                                    "archive"});
                emit done();
            },
            Qt::QueuedConnection);
    });
}

void ArchiveActions::say(const QString& text) {
    messages_.post({Severity::information, text, {}, {}, {}, "archive"});
}

} // namespace limbeck
