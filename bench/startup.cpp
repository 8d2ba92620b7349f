// SPDX-License-Identifier: GPL-3.0-or-later
// How long the program takes to paint its window, and how long the first step of training takes to come.
//
//   bench_startup paint [TIMES] [PROGRAM [PROJECT]]   starts the program and watches the screen; default: 10
//   bench_startup step [SAMPLE]                       presses Start as soon as the window is painted
#include <QAction>
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QScreen>
#include <QTemporaryDir>
#include <QThread>
#include <string_view>

#include "app/document/scratch.h"
#include "app/window/main_window.h"
#include "bench/measure.h"

using namespace limbeck;

namespace {

/// A line across the middle of the screen shows something else than the bare, black root window.
bool something_is_painted(QScreen& screen) {
    const QImage line = screen.grabWindow(0, 0, 300, 800, 1).toImage();
    int lit = 0;
    for (int x = 0; x < line.width(); ++x)
        lit += qGray(line.pixel(x, 0)) > 0;
    return 2 * lit > line.width();
}

int watch(int times, const QString& program, const QStringList& arguments) {
    QScreen& screen = *QGuiApplication::primaryScreen();
    std::vector<double> painted;
    for (int i = 0; i <= times; ++i) {
        if (something_is_painted(screen)) {
            std::fprintf(stderr, "the screen is not empty: run this under xvfb-run\n");
            return 1;
        }
        QTemporaryDir home;
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"})
            environment.insert(name, home.path());
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::ForwardedChannels);
        const double before = bench::wall_seconds();
        process.start(program, arguments);
        process.waitForStarted();
        while (!something_is_painted(screen) && bench::wall_seconds() < before + 60)
            QThread::usleep(1000);
        if (i > 0) painted.push_back(1e3 * (bench::wall_seconds() - before)); // the first one warms up
        process.kill();
        process.waitForFinished();
        while (something_is_painted(screen) && bench::wall_seconds() < before + 60)
            QThread::usleep(1000);
    }
    std::printf("from exec to pixels on the screen: median %.0f ms, fastest %.0f, slowest of %d %.0f\n",
                bench::quantile(painted, 0.5), bench::quantile(painted, 0), times,
                bench::quantile(painted, 1));
    return 0;
}

int first_step(bench::Application& application, const QString& sample) {
    QTemporaryDir folder;
    auto host = std::make_shared<EngineHost>(engine_loader(), 5);
    int code = 1;
    {
        MainWindow window(host, Scratch(folder.filePath("untitled")), Settings());
        if (!window.newFromSample(sample)) return 1;
        window.show();
        application.wait_painted();
        double started = 0;
        QObject::connect(&window.bridge(), &SessionBridge::fed, &application, [&](const Feed& feed) {
            for (const std::string& note : feed.notes)
                std::printf("%5.0f ms  %s\n", 1e3 * (bench::wall_seconds() - started), note.c_str());
            if (code == 1 && feed.progress && feed.progress->step > 0) {
                std::printf("%5.0f ms  first step seen (step %lld)\n",
                            1e3 * (bench::wall_seconds() - started),
                            static_cast<long long>(feed.progress->step));
                code = 0;
                window.document().session()->send(Stop{});
            }
            if (code == 0 && feed.finished) QApplication::exit();
        });
        started = bench::wall_seconds();
        window.actions().start->trigger();
        std::printf("%5.0f ms  Start is back\n", 1e3 * (bench::wall_seconds() - started));
        QApplication::exec();
    }
    host.reset();
    return code;
}

} // namespace

int main(int argc, char** argv) {
    prepare_process();
    bench::Application application(argc, argv);
    const std::string_view what = argc > 1 ? argv[1] : "paint";
    if (what == "step") return first_step(application, argc > 2 ? argv[2] : "glyphs");
    const QString beside = QCoreApplication::applicationDirPath() + "/limbeck";
    return watch(argc > 2 ? std::atoi(argv[2]) : 10, argc > 3 ? QString(argv[3]) : beside,
                 argc > 4 ? QStringList{argv[4]} : QStringList{});
}
