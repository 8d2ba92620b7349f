// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/file_actions.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>

#include "app/document/paths.h"
#include "backend/project/archive.h"
#include "backend/types/catalogue.h"
#include "widgets/bar/message_bar.h"
#include "widgets/gallery/gallery_dialog.h"

namespace limbeck {

FileActions::FileActions(QWidget& window, Document& document, Actions& actions, MessageBar& messages,
                         Settings& settings)
    : QObject(&window)
    , window_(window)
    , document_(document)
    , actions_(actions)
    , messages_(messages)
    , settings_(settings) {
    connect(actions_.newProject, &QAction::triggered, this, &FileActions::showGallery);
    connect(actions_.open, &QAction::triggered, this, &FileActions::showOpen);
    connect(actions_.save, &QAction::triggered, this, &FileActions::save);
    connect(actions_.saveAs, &QAction::triggered, this, &FileActions::saveAs);
    connect(actions_.close, &QAction::triggered, this, &FileActions::closeProject);
    connect(actions_.openRecent, &QMenu::aboutToShow, this, &FileActions::fillRecent);
    connect(&document_, &Document::replaced, this, [this] {
        tellDamage();
        // What was said about the project before no longer helps anybody.
        for (const char* key : {"run", "note", "save", "export"})
            messages_.dismiss(key);
    });
}

bool FileActions::openPath(const QString& path) {
    if (isOpen(path)) return true;
    if (looks_like_archive(path_of_text(path))) {
        emit archiveChosen(absolute_path(path));
        return false; // not yet
    }
    if (!confirmLeave()) return false;
    if (auto opened = document_.open(path); !opened) {
        report(opened.error(), "open");
        return false;
    }
    messages_.dismiss("open");
    if (!document_.isUntitled()) settings_.addRecentProject(document_.folder());
    return true;
}

/// The project that is open for editing here: opening it again would find this very window writing it.
bool FileActions::isOpen(const QString& path) const {
    if (!document_.session() || document_.isReadOnly()) return false;
    std::filesystem::path folder = path_of_text(path);
    std::error_code none;
    if (!std::filesystem::is_directory(folder, none)) folder = folder.parent_path();
    return std::filesystem::equivalent(folder, document_.session()->folder(), none);
}

bool FileActions::newProject(const ExperimentConfig& config) {
    if (!confirmLeave()) return false;
    if (auto made = document_.createUntitled(config); !made) {
        report(made.error(), "new");
        return false;
    }
    return true;
}

void FileActions::tellDamage() {
    const std::vector<Project::Finding> findings = document_.session()->damage();
    if (findings.empty()) {
        messages_.dismiss("damage");
        return;
    }
    QStringList lines;
    for (const Project::Finding& finding : findings)
        lines << QString::fromStdString(finding.where + ": " + finding.what);
    const auto count = findings.size();
    messages_.post({Severity::warning,
                    count == 1 ? tr("A part of this project is damaged; the rest is shown.")
                               : tr("%1 parts of this project are damaged; the rest is shown.").arg(count),
                    lines.join('\n') + "\n\n" +
                        tr("limbeck-cli check looks at every byte and repairs what can be rebuilt:") +
                        "\nlimbeck-cli check \"" + shown_path(document_.folder()) + "\"",
                    {},
                    {},
                    "damage"});
}

void FileActions::showGallery() {
    auto* gallery = new GalleryDialog(&window_);
    gallery->setAttribute(Qt::WA_DeleteOnClose);
    connect(gallery, &GalleryDialog::chosen, this,
            [this](const ExperimentConfig& config) { newProject(config); });
    gallery->open();
}

void FileActions::showOpen() {
    const QString path = QFileDialog::getOpenFileName(
        &window_, tr("Open Project"), settings_.lastFolder(),
        tr("Limbeck projects (%1 *.limbeck.zip);;All files (*)")
            .arg(QLatin1String(project_file_name.data(), static_cast<qsizetype>(project_file_name.size()))));
    if (path.isEmpty()) return;
    settings_.setLastFolder(QFileInfo(QFileInfo(path).absolutePath()).absolutePath());
    openPath(path);
}

bool FileActions::save() {
    if (document_.isUntitled() || document_.isReadOnly()) return saveAs();
    if (auto saved = document_.save(); !saved) {
        report(saved.error(), "save", tr("Try Again"), [this] { save(); });
        return false;
    }
    messages_.dismiss("save");
    return true;
}

bool FileActions::saveAs() {
    const QString name = document_.isUntitled() ? tr("My experiment") : document_.title();
    QFileDialog dialog(&window_, tr("Save Project As"), settings_.lastFolder());
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setLabelText(QFileDialog::FileName, tr("Project folder:"));
    dialog.setLabelText(QFileDialog::Accept, tr("Save"));
    dialog.setOption(QFileDialog::DontConfirmOverwrite);
    dialog.selectFile(name);
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) return false;
    return saveTo(dialog.selectedFiles().constFirst());
}

bool FileActions::saveTo(const QString& folder) {
    if (auto saved = document_.saveAs(folder); !saved) {
        report(saved.error(), "save");
        return false;
    }
    messages_.dismiss("save");
    settings_.setLastFolder(QFileInfo(folder).absolutePath());
    settings_.addRecentProject(document_.folder());
    return true;
}

void FileActions::closeProject() {
    const SampleExperiment* sample = find_sample("glyphs");
    newProject(sample ? sample->config : ExperimentConfig{});
}

void FileActions::fillRecent() {
    QMenu* menu = actions_.openRecent;
    menu->clear();
    const QStringList recent = settings_.recentProjects();
    for (const QString& folder : recent) {
        QString text = shown_name(folder);
        QAction* action = menu->addAction(text.replace("&", "&&"));
        action->setStatusTip(shown_path(folder));
        action->setToolTip(shown_path(folder));
        connect(action, &QAction::triggered, this, [this, folder] { openPath(folder); });
    }
    if (recent.isEmpty()) menu->addAction(tr("No projects yet"))->setEnabled(false);
    menu->addSeparator();
    QAction* forget = menu->addAction(tr("&Clear List"));
    forget->setEnabled(!recent.isEmpty());
    connect(forget, &QAction::triggered, this, [this] { settings_.clearRecentProjects(); });
}

bool FileActions::confirmLeave() {
    if (!document_.session()) return true;
    if (savingStopped_) return confirmUnsavedRun();
    if (!confirmStop()) return false;
    if (!document_.isModified()) return true;
    switch (askUnsaved()) {
    case Answer::save:
        return save();
    case Answer::discard:
        return true;
    case Answer::cancel:
        return false;
    }
    return false;
}

/// While saving fails: the only ways out are another place, or what is saved already.
bool FileActions::confirmUnsavedRun() {
    QMessageBox box(
        QMessageBox::Warning, tr("Saving has stopped"),
        tr("What has been trained in “%1” since the last save is not on the disk.").arg(document_.title()),
        QMessageBox::NoButton, &window_);
    box.setObjectName("unsavedRunQuestion");
    box.setInformativeText(
        tr("Leaving now loses it. The project itself stays as it was last saved, and the run can be "
           "resumed from there."));
    QPushButton* elsewhere = box.addButton(tr("&Save Elsewhere…"), QMessageBox::AcceptRole);
    QPushButton* lose = box.addButton(tr("&Leave and Lose It"), QMessageBox::DestructiveRole);
    QPushButton* stay = box.addButton(tr("&Cancel"), QMessageBox::RejectRole);
    box.setDefaultButton(stay);
    box.setEscapeButton(stay);
    box.exec();
    if (box.clickedButton() == elsewhere) return saveAs() && confirmLeave();
    if (box.clickedButton() != lose) return false;
    document_.session()->send(Stop{});
    document_.session()->give_up_saving();
    return true;
}

bool FileActions::confirmStop() {
    if (!document_.session()->running()) return true;
    QMessageBox box(QMessageBox::Question, tr("Training is on"),
                    tr("A run is on in “%1”.").arg(document_.title()), QMessageBox::NoButton, &window_);
    box.setObjectName("stopQuestion");
    box.setInformativeText(
        tr("Stopping keeps what it has learned; the run can be resumed from there later."));
    QPushButton* stop = box.addButton(tr("&Stop Training"), QMessageBox::AcceptRole);
    QPushButton* keep = box.addButton(tr("&Keep Training"), QMessageBox::RejectRole);
    box.setDefaultButton(keep);
    box.setEscapeButton(keep);
    box.exec();
    if (box.clickedButton() != stop) return false;
    document_.session()->send(Stop{});
    return true;
}

FileActions::Answer FileActions::askUnsaved() {
    QMessageBox box(QMessageBox::Question, tr("Unsaved changes"),
                    document_.isUntitled() ? tr("This experiment has not been saved yet.")
                                           : tr("“%1” has unsaved settings.").arg(document_.title()),
                    QMessageBox::NoButton, &window_);
    box.setObjectName("unsavedQuestion");
    box.setInformativeText(document_.isUntitled()
                               ? tr("Discarding it also removes its runs and the weights they trained.")
                               : tr("Runs are saved already; only the edits in the form would be lost."));
    QPushButton* save = box.addButton(tr("&Save"), QMessageBox::AcceptRole);
    QPushButton* discard = box.addButton(tr("&Discard"), QMessageBox::DestructiveRole);
    QPushButton* cancel = box.addButton(tr("&Cancel"), QMessageBox::RejectRole);
    box.setDefaultButton(save);
    box.setEscapeButton(cancel);
    box.exec();
    if (box.clickedButton() == save) return Answer::save;
    return box.clickedButton() == discard ? Answer::discard : Answer::cancel;
}

void FileActions::report(const Error& error, const QString& key, const QString& verb,
                         std::function<void()> action) {
    messages_.post({Severity::error, QString::fromStdString(error.message),
                    QString::fromStdString(error.detail), verb, std::move(action), key});
}

} // namespace limbeck
