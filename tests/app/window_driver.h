// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <memory>

#include "app/document/scratch.h"
#include "app/settings.h"
#include "app/window/main_window.h"
#include "widgets/plots/training_plot.h"

namespace limbeck {

/// Points of all series of a plot.
inline std::size_t pointsOn(const TrainingPlot& plot) {
    std::size_t points = 0;
    for (const QString& id : plot.seriesIds())
        points += plot.pointCount(id);
    return points;
}

/// A main window in a folder of its own, for tests: its settings and untitled projects touch
/// nothing of the person who runs them.
class WindowDriver {
  public:
    /// `scratch`: where untitled projects live, if not in a folder of the window's own.
    explicit WindowDriver(EngineMaker maker, const QString& scratch = {}) {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.filePath("settings"));
        qputenv("XDG_STATE_HOME", QFile::encodeName(folder.filePath("state")));
        QCoreApplication::setOrganizationName("limbeck-tests");
        QCoreApplication::setApplicationName(
            QStringLiteral("limbeck-test-%1").arg(QCoreApplication::applicationPid()));
        QStandardPaths::setTestModeEnabled(true);
        host = std::make_shared<EngineHost>(std::move(maker), 5);
        window = std::make_unique<MainWindow>(
            host, Scratch(scratch.isEmpty() ? folder.filePath("untitled") : scratch), Settings());
    }

    ~WindowDriver() {
        window.reset();
        host.reset();
    }

    /// Presses the button of the next question box that has this text; gives up after a while.
    static void answerNextQuestion(const QString& button, int attempts = 200) {
        QTimer::singleShot(20, qApp, [button, attempts] {
            for (QWidget* widget : QApplication::topLevelWidgets()) {
                if (!widget->isVisible() || !widget->isModal()) continue;
                for (QPushButton* candidate : widget->findChildren<QPushButton*>()) {
                    if (candidate->text().remove('&') != button) continue;
                    candidate->click();
                    return;
                }
            }
            if (attempts > 0) answerNextQuestion(button, attempts - 1);
        });
    }

    QTemporaryDir folder;
    std::shared_ptr<EngineHost> host;
    std::unique_ptr<MainWindow> window;
};

} // namespace limbeck
