// SPDX-License-Identifier: GPL-3.0-or-later
// Trains a project from the window, plots live, and says what it took: the window's side of
// bench/window-overhead.py.
//
//   bench_live_run FOLDER        a project that limbeck-cli made
#include <QAction>
#include <QTemporaryDir>
#include <QTimer>
#include <thread>

#include "app/document/scratch.h"
#include "app/window/main_window.h"
#include "bench/measure.h"

using namespace limbeck;

int main(int argc, char** argv) {
    prepare_process();
    bench::Application application(argc, argv);
    if (argc != 2) {
        std::fprintf(stderr, "usage: bench_live_run FOLDER\n");
        return 2;
    }
    QTemporaryDir folder;
    auto host = std::make_shared<EngineHost>(engine_loader(), 5);
    {
        MainWindow window(host, Scratch(folder.filePath("untitled")), Settings());
        window.resize(1366, 768);
        window.show();
        if (!window.openProject(argv[1])) return 1;
        double wall = 0, cpu = 0, gui = 0;
        QObject::connect(&window.bridge(), &SessionBridge::fed, &application, [&](const Feed& feed) {
            if (!feed.finished) return;
            wall = bench::wall_seconds() - wall;
            double seconds = 0;
            for (const RunRecord& run : window.document().session()->runs())
                seconds += run.seconds;
            std::printf("{\"training\": %.3f, \"wall\": %.3f, \"cpu\": %.3f, \"gui_share\": %.5f}\n", seconds,
                        wall, bench::process_seconds() - cpu,
                        (bench::thread_seconds() - gui) / wall /
                            std::max(1u, std::thread::hardware_concurrency()));
            QApplication::exit();
        });
        // What the window asks the engine for at its start is over by then.
        QTimer::singleShot(4000, &application, [&] {
            wall = bench::wall_seconds();
            cpu = bench::process_seconds();
            gui = bench::thread_seconds();
            window.actions().start->trigger();
        });
        QApplication::exec();
    }
    host.reset();
    return 0;
}
