// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QAction;
class QMainWindow;
class QMenu;
class QToolBar;

namespace limbeck {

/// Every action of the window, in its menus with mnemonic and shortcut, and the toolbar's. Made
/// once; who does the work connects to them.
struct Actions {
    QAction* newProject;
    QAction* open;
    QMenu* openRecent;
    QAction* save;
    QAction* saveAs;
    QAction* exportArchive;
    QAction* close;
    QAction* quit;

    QAction* undo; ///< of the document's stack
    QAction* redo;

    QAction* start;
    QAction* pause; ///< checked while paused; its text says what it does next
    QAction* step;
    QAction* stop;
    QAction* resumeRun;
    QAction* repeatRun;
    QAction* evaluateNow;

    QAction* zoomIn;
    QAction* zoomOut;
    QAction* fitPlots;
    QAction* exportPlot;
    QAction* fullScreen;

    QAction* help;
    QAction* log;
    QAction* about;

    QMenu* viewMenu;
    QToolBar* toolBar;

    /// `undo` and `redo` come from the document's QUndoStack.
    static Actions make(QMainWindow& window, QAction* undo, QAction* redo);
};

} // namespace limbeck
