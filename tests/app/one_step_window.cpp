// SPDX-License-Identifier: GPL-3.0-or-later
// A window that trains one step with LibTorch, closes and leaves main() as the real one does. A test of the
// exit code: static tensors or a thread that outlives main() show themselves as a crash at the end.
#include <QAction>
#include <QTimer>
#include <cstdio>

#include "app/pages/training_page.h"
#include "app/window/run_actions.h"
#include "tests/app/window_driver.h"

using namespace limbeck;

int main(int argc, char** argv) {
    prepare_process();
    QApplication application(argc, argv);
    int code = 1;
    {
        WindowDriver driver(engine_loader());
        MainWindow& window = *driver.window;
        if (!window.newFromSample("moons")) return 2;
        window.show();
        ExperimentConfig config = window.document().config();
        config.training.device = "cpu";
        window.document().edit(config);
        window.actions().start->trigger();

        QTimer watch;
        QObject::connect(&watch, &QTimer::timeout, &window, [&] {
            const RunRecord* run = window.page().record(window.page().chosenRun());
            if (!run || run->step < 1) return;
            watch.stop();
            WindowDriver::answerNextQuestion("Stop Training");
            QTimer::singleShot(200, &window, [] { WindowDriver::answerNextQuestion("Discard"); });
            if (window.close()) code = 0;
            QApplication::quit();
        });
        watch.start(20);
        QTimer::singleShot(120000, &application, [] {
            std::fputs("no step within two minutes\n", stderr);
            QApplication::exit(3);
        });
        const int left = QApplication::exec();
        if (left != 0) code = left;
    }
    return code;
}
