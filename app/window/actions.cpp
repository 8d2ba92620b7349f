// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/actions.h"

#include <QAction>
#include <QCoreApplication>
#include <QIcon>
#include <QKeySequence>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QToolBar>

namespace limbeck {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Actions", text);
}

QIcon icon(const char* name) {
    return QIcon(QStringLiteral(":/limbeck/icons/%1.svg").arg(QLatin1String(name)));
}

QAction* add(QMenu* menu, const char* name, const QString& text, const QKeySequence& keys,
             const QString& tip) {
    auto* action = menu->addAction(text);
    action->setObjectName(name);
    action->setShortcut(keys);
    action->setStatusTip(tip);
    const QString shown = keys.toString(QKeySequence::NativeText);
    action->setToolTip(shown.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, shown));
    return action;
}

void makeFileMenu(QMainWindow& window, Actions& a) {
    QMenu* file = window.menuBar()->addMenu(tr("&File"));
    a.newProject = add(file, "actionNew", tr("&New…"), QKeySequence::New,
                       tr("Start from one of the sample experiments"));
    a.open =
        add(file, "actionOpen", tr("&Open…"), QKeySequence::Open, tr("Open a project, or an archive of one"));
    a.openRecent = file->addMenu(tr("Open &Recent"));
    file->addSeparator();
    a.save = add(file, "actionSave", tr("&Save"), QKeySequence::Save,
                 tr("Save the settings; runs are saved as they go"));
    a.saveAs = add(file, "actionSaveAs", tr("Save &As…"), QKeySequence("Ctrl+Shift+S"),
                   tr("Copy the project, runs included, to a new folder and go on there"));
    a.exportArchive = add(file, "actionExportArchive", tr("Export &Archive…"), {},
                          tr("Write the whole project into one zip file; Open reads it"));
    file->addSeparator();
    a.close = add(file, "actionClose", tr("&Close Project"), QKeySequence::Close,
                  tr("Close this project and start with a fresh sample"));
    a.quit = add(file, "actionQuit", tr("&Quit"), QKeySequence("Ctrl+Q"), tr("Quit Limbeck"));
    a.quit->setMenuRole(QAction::QuitRole);
}

void makeRunMenu(QMainWindow& window, Actions& a) {
    QMenu* run = window.menuBar()->addMenu(tr("&Run"));
    a.start = add(run, "actionStart", tr("&Start"), QKeySequence("Ctrl+R"),
                  tr("Train with these settings: the teacher first if it has no weights, the "
                     "student alone, then the student with its teacher"));
    a.start->setIcon(icon("run-start"));
    a.pause = add(run, "actionPause", tr("&Pause"), {}, tr("Pause or resume (Space)"));
    a.pause->setIcon(icon("run-pause"));
    a.step = add(run, "actionStep", tr("S&tep"), QKeySequence("F10"), tr("Pause, and do a single step"));
    a.step->setIcon(icon("run-step"));
    a.stop = add(run, "actionStop", tr("St&op"), QKeySequence("Ctrl+."),
                 tr("Stop after this step and keep everything; Resume Run goes on later"));
    a.stop->setIcon(icon("run-stop"));
    run->addSeparator();
    a.evaluateNow = add(run, "actionEvaluate", tr("&Evaluate Now"), QKeySequence("Ctrl+E"),
                        tr("Measure on the validation part after this step"));
    run->addSeparator();
    a.resumeRun = add(run, "actionResumeRun", tr("Res&ume Run"), QKeySequence("Ctrl+Shift+R"),
                      tr("Go on with the chosen unfinished run from its last checkpoint"));
    a.repeatRun = add(run, "actionRepeatRun", tr("Re&peat Run"), {},
                      tr("Train again with the chosen run's settings and changes"));
}

void makeViewMenu(QMainWindow& window, Actions& a) {
    a.viewMenu = window.menuBar()->addMenu(tr("&View"));
    a.zoomIn = add(a.viewMenu, "actionZoomIn", tr("Zoom &In"), QKeySequence::ZoomIn,
                   tr("Zoom into the plots' steps"));
    a.zoomOut = add(a.viewMenu, "actionZoomOut", tr("Zoom &Out"), QKeySequence::ZoomOut,
                    tr("Zoom out of the plots' steps"));
    a.fitPlots = add(a.viewMenu, "actionFit", tr("&Fit Plots"), QKeySequence("Ctrl+0"),
                     tr("Show all of the curves (double click on a plot)"));
    a.viewMenu->addSeparator();
    a.exportPlot = add(a.viewMenu, "actionExport", tr("&Export Plot…"), QKeySequence("Ctrl+Shift+E"),
                       tr("Write a plot as PNG, SVG, PDF or CSV"));
    a.viewMenu->addSeparator();
    a.fullScreen = add(a.viewMenu, "actionFullScreen", tr("F&ull Screen"), QKeySequence("F11"),
                       tr("Use the whole screen"));
    a.fullScreen->setCheckable(true);
}

} // namespace

Actions Actions::make(QMainWindow& window, QAction* undo, QAction* redo) {
    Actions a{};
    makeFileMenu(window, a);

    QMenu* edit = window.menuBar()->addMenu(tr("&Edit"));
    a.undo = undo;
    a.redo = redo;
    undo->setObjectName("actionUndo");
    redo->setObjectName("actionRedo");
    undo->setShortcut(QKeySequence::Undo);
    redo->setShortcut(QKeySequence::Redo);
    edit->addAction(undo);
    edit->addAction(redo);

    makeRunMenu(window, a);
    makeViewMenu(window, a);

    QMenu* help = window.menuBar()->addMenu(tr("&Help"));
    a.help = add(help, "actionHelp", tr("&First Steps"), QKeySequence::HelpContents,
                 tr("How to run a first experiment and read its plots"));
    a.log =
        add(help, "actionLog", tr("&Log"), {}, tr("What Limbeck has had to say in this session and before"));
    a.about = add(help, "actionAbout", tr("&About Limbeck"), {}, tr("Version and licences"));
    a.about->setMenuRole(QAction::AboutRole);

    a.toolBar = window.addToolBar(tr("Run"));
    a.toolBar->setObjectName("runToolBar");
    a.toolBar->setMovable(false);
    a.toolBar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    for (QAction* action : {a.start, a.pause, a.step, a.stop})
        a.toolBar->addAction(action);
    return a;
}

} // namespace limbeck
