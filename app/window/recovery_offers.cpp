// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/recovery_offers.h"

#include <QFileInfo>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

#include "app/document/document.h"
#include "app/document/paths.h"
#include "app/recovery/recovery_writer.h"
#include "app/window/file_actions.h"
#include "backend/project/project.h"
#include "widgets/bar/message_bar.h"

namespace limbeck {
namespace {

QString moment(const QDateTime& when) {
    const QDate day = when.date();
    if (day == QDate::currentDate()) return RecoveryOffers::tr("today, %1").arg(when.toString("hh:mm"));
    return when.toString("d MMM yyyy, hh:mm");
}

} // namespace

RecoveryOffers::RecoveryOffers(QWidget& window, Document& document, RecoveryWriter& writer,
                               FileActions& files, MessageBar& messages)
    : QObject(&window)
    , window_(window)
    , document_(document)
    , writer_(writer)
    , files_(files)
    , messages_(messages) {
    pool_.setMaxThreadCount(1);
}

void RecoveryOffers::look() {
    pool_.start([this, folder = writer_.folder(), scratch = document_.scratch()] {
        Found found = gather(folder, scratch);
        // The pool is joined before this object goes.
        QMetaObject::invokeMethod(
            this,
            [this, found = std::move(found)] {
                for (const QString& file : found.damaged)
                    messages_.post(
                        {Severity::warning,
                         tr("A file with unsaved edits of an earlier session is damaged and was left out. "
                            "It is kept as %1.")
                             .arg(file),
                         {},
                         {},
                         {},
                         "recovery:" + file});
                // The newest is posted last, so that it is the one in view.
                for (auto left = found.left.rbegin(); left != found.left.rend(); ++left)
                    offer(*left);
                emit looked(static_cast<int>(found.left.size()));
            },
            Qt::QueuedConnection);
    });
}

RecoveryOffers::Found RecoveryOffers::gather(const RecoveryFolder& folder, const Scratch& scratch) {
    Found found;
    RecoveryFolder::Found files = folder.look();
    found.damaged = files.damaged;
    for (RecoveryFolder::Left& file : files.left) {
        Left left{
            file.note.project, file.note.written, scratch.contains(file.note.project), false, true, {}, {}};
        auto project = Project::open(path_of_text(left.folder), Project::Access::view);
        std::error_code none;
        left.present = project || std::filesystem::exists(path_of_text(left.folder), none);
        if (project) {
            const auto runs = (*project)->runs();
            left.hasRuns = runs && !runs->empty();
            if (auto now = (*project)->config()) left.now = std::move(*now);
        }
        left.edits = std::move(file);
        found.left.push_back(std::move(left));
    }
    for (const QString& untitled : scratch.leftovers()) {
        const bool known = std::any_of(found.left.begin(), found.left.end(),
                                       [&](const Left& left) { return left.folder == untitled; });
        if (!known)
            found.left.push_back({untitled, QFileInfo(untitled).lastModified(), true, true, true, {}, {}});
    }
    std::sort(found.left.begin(), found.left.end(),
              [](const Left& a, const Left& b) { return a.when > b.when; });
    return found;
}

QString RecoveryOffers::told(const Left& left) const {
    if (!left.edits)
        return tr("An experiment that was never saved is left from %1, with its runs.")
            .arg(moment(left.when));
    const RecoveryNote& note = left.edits->note;
    QString text =
        left.untitled
            ? tr("Limbeck ended before an untitled experiment was saved (%1)").arg(moment(left.when))
            : tr("Limbeck ended before edits of “%1” were saved (%2)")
                  .arg(shown_name(left.folder), moment(left.when));
    text += ": " + worded(differences(note.saved, note.edited)) + ".";
    if (left.untitled && left.hasRuns) text += " " + tr("Its runs are there as well.");
    if (!left.present)
        text +=
            " " + tr("The project is no longer where it was; restoring makes a new one of these settings.");
    else if (left.now && !(*left.now == note.saved))
        text += " " + tr("The project itself has changed since.");
    return text;
}

void RecoveryOffers::offer(const Left& left) {
    Message message{Severity::warning,
                    told(left),
                    {},
                    tr("Restore"),
                    [this, left] { restore(left); },
                    "recovery:" + left.folder + (left.edits ? left.edits->file : QString()),
                    tr("Discard"),
                    [this, left] { discard(left); }};
    if (left.edits) {
        const RecoveryNote& note = left.edits->note;
        message.detail = tr("Project: %1\nEdited: %2\n\n%3")
                             .arg(shown_path(left.folder), left.when.toString("d MMM yyyy, hh:mm:ss"),
                                  worded(differences(note.saved, note.edited), true));
        if (left.now && !(*left.now == note.saved))
            message.detail += "\n\n" + tr("Changed in the project since; kept unless named above:") + "\n" +
                              worded(differences(note.saved, *left.now), true);
    }
    messages_.post(std::move(message));
}

void RecoveryOffers::restore(const Left& left) {
    const RecoveryNote* note = left.edits ? &left.edits->note : nullptr;
    const bool opened =
        note && !left.present ? files_.newProject(note->edited) : files_.openPath(left.folder);
    if (!opened) { // refused, or the open project was not to be left: the offer stands
        offer(left);
        return;
    }
    if (!note) return;
    ExperimentConfig next = document_.config();
    for (const Difference& change : differences(note->saved, note->edited))
        (void)set_field(next, change.key, change.to); // it stood in a form before
    document_.edit(next, tr("Restored Edits"));
    // Now they are this program's unsaved edits; the old file goes when its own is on the disk.
    writer_.writeNow([file = left.edits->file, claim = left.edits->claim] { RecoveryFolder::remove(file); });
}

void RecoveryOffers::discard(const Left& left) {
    if (!left.untitled || !left.hasRuns) {
        remove(left);
        return;
    }
    auto* box = new QMessageBox(QMessageBox::Question, tr("Discard experiment"),
                                tr("Discard the experiment that was left from %1?").arg(moment(left.when)),
                                QMessageBox::NoButton, &window_);
    box->setObjectName("discardQuestion");
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("Its runs and the weights they trained are removed. This cannot be undone."));
    QPushButton* yes = box->addButton(tr("&Discard"), QMessageBox::DestructiveRole);
    box->setDefaultButton(box->addButton(tr("&Keep"), QMessageBox::RejectRole));
    connect(box, &QMessageBox::buttonClicked, this, [this, left, yes](QAbstractButton* pressed) {
        if (pressed == yes)
            remove(left);
        else
            offer(left);
    });
    box->open();
}

void RecoveryOffers::remove(const Left& left) {
    pool_.start([left, scratch = document_.scratch()] {
        if (left.untitled) scratch.remove(left.folder);
        if (left.edits) RecoveryFolder::remove(left.edits->file);
    });
}

} // namespace limbeck
