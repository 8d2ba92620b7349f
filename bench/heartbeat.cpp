// SPDX-License-Identifier: GPL-3.0-or-later
// How long the window's event loop is held up while training keeps every core busy.
//
// A timer beats every 5 ms on the GUI thread; a beat that comes late has waited for whatever held the loop.
// Prints the distribution of the lateness and the share of the machine that the GUI thread took, plots
// included.
//
//   bench_heartbeat [SECONDS] [SAMPLE]        default: 30 glyphs
#include <QAction>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>
#include <thread>

#include "app/document/scratch.h"
#include "app/window/main_window.h"
#include "app/window/run_actions.h"
#include "bench/measure.h"

using namespace limbeck;

int main(int argc, char** argv) {
    prepare_process();
    bench::Application application(argc, argv);
    const double seconds = argc > 1 ? std::atof(argv[1]) : 30;
    const QString sample = argc > 2 ? argv[2] : "glyphs";
    constexpr double beatMs = 5;

    QTemporaryDir folder;
    auto host = std::make_shared<EngineHost>(engine_loader(), 5);
    std::vector<double> late;
    double cpu = 0, wall = 0;
    {
        MainWindow window(host, Scratch(folder.filePath("untitled")), Settings());
        if (!window.newFromSample(sample)) return 1;
        window.resize(1366, 768);
        window.show();
        ExperimentConfig config = window.document().config();
        config.teacher.training.epochs = 1;
        config.training.epochs = 10000;
        config.student.train_alone = false;
        window.document().edit(config);
        window.actions().start->trigger();

        QElapsedTimer clock;
        QTimer beat;
        beat.setTimerType(Qt::PreciseTimer);
        double last = 0, cpuAtStart = 0;
        bool measuring = false;
        QObject::connect(&beat, &QTimer::timeout, &application, [&] {
            const double now = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
            if (measuring) late.push_back(std::max(0.0, now - last - beatMs));
            last = now;
        });
        clock.start();
        beat.start(static_cast<int>(beatMs));
        // Five seconds to load LibTorch and get under way, then the measurement.
        QTimer::singleShot(5000, &application, [&] {
            measuring = true;
            cpuAtStart = bench::thread_seconds();
            wall = static_cast<double>(clock.nsecsElapsed()) * 1e-9;
        });
        QTimer::singleShot(static_cast<int>(5000 + seconds * 1000), &application, [&] {
            measuring = false;
            cpu = bench::thread_seconds() - cpuAtStart;
            wall = static_cast<double>(clock.nsecsElapsed()) * 1e-9 - wall;
            window.document().session()->send(Stop{});
            QApplication::exit(0); // quit() would ask what to do with the run
        });
        QApplication::exec();
    }
    host.reset();
    const auto cores = static_cast<double>(std::max(1u, std::thread::hardware_concurrency()));
    std::printf("beats %zu  late by: median %.2f ms  p99 %.2f ms  max %.2f ms\n", late.size(),
                bench::quantile(late, 0.5), bench::quantile(late, 0.99), bench::quantile(late, 1));
    std::printf("GUI thread: %.2f %% of the machine (%.0f cores, %.1f s)\n", 100 * cpu / (wall * cores),
                cores, wall);
    return 0;
}
