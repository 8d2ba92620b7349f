// SPDX-License-Identifier: GPL-3.0-or-later
// A day's worth of points in minutes: a run of an engine that trains nothing goes through the session, its
// threads and the document, and a plot shows it as the window would. What must not grow is printed as it
// goes.
//
//   bench_soak FOLDER [POINTS] [KEPT]      default: 10000000 points of all series, 100000 kept of each (the
//   product's)
#include <QVBoxLayout>
#include <malloc.h>

#include "bench/measure.h"
#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "widgets/plots/training_plot.h"

using namespace limbeck;

namespace {

namespace fs = std::filesystem;

double folder_bytes(const fs::path& folder) {
    double bytes = 0;
    std::error_code gone; // files come and go
    for (fs::directory_iterator entry(folder, gone), end; !gone && entry != end; entry.increment(gone)) {
        if (entry->path().filename().string().starts_with("project.limbeck"))
            bytes += static_cast<double>(entry->file_size(gone));
    }
    return bytes;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_soak FOLDER [POINTS] [KEPT]\n");
        return 2;
    }
    prepare_process();
    bench::Application application(argc, argv);
    const fs::path folder = argv[1];
    const std::int64_t points = argc > 2 ? std::atoll(argv[2]) : 10'000'000;
    const SessionOptions options{argc > 3 ? std::atoll(argv[3]) : 100'000};

    QWidget window;
    auto* plot = new TrainingPlot("Loss", "loss", PlotUnit::value);
    auto* layout = new QVBoxLayout(&window);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(plot);
    window.resize(1020, 420);
    window.show();
    if (!application.wait_painted([&] { return plot->replotCount() > 0; })) return 1;

    auto settings = std::make_shared<test::FakeSettings>();
    settings->step_microseconds = 40; // else a step is nothing, and the store never catches up
    auto host = std::make_shared<EngineHost>(test::fake_engine(settings));
    // What is thinned depends on the steps that are planned, so that the run is as long as it is meant to be.
    constexpr std::int64_t steps_an_epoch = 9000, series_of_run = 5;
    const std::int64_t epochs = points / (steps_an_epoch * series_of_run) + 1;
    ExperimentConfig config = test::small_config(epochs, 200'000);
    config.distillation.scheme = "alone";
    auto session = Session::create(folder, config, host, {}, options);
    if (!session) return bench::refuse(session.error());
    if (auto started = (*session)->start(config); !started) return bench::refuse(started.error());
    std::printf("%lld points, %lld kept of each series\n", static_cast<long long>(points),
                static_cast<long long>(options.points_per_series));
    std::printf("%12s %12s %10s %14s %12s %12s %12s\n", "steps", "points", "seconds", "resident MB",
                "document MB", "frame ms", "p99 ms");

    const double begun = bench::wall_seconds();
    std::map<std::string, bool> shown;
    std::vector<double> frames;
    std::size_t series = 0;
    std::int64_t row = 0;
    bool ended = false;
    while (!ended) {
        Feed feed = (*session)->poll();
        for (const Error& error : feed.errors)
            std::fprintf(stderr, "%s\n", error.message.c_str());
        for (const SeriesUpdate& update : feed.series) {
            if (!update.series.starts_with(series::train)) continue;
            const QString id = QString::fromStdString(update.series);
            if (shown.emplace(update.series, true).second) {
                ++series;
                SeriesSpec spec;
                spec.label = id;
                spec.run = update.run;
                plot->addSeries(id, spec);
            }
            plot->append(id, update.points);
        }
        const double before = bench::thread_seconds();
        const int drawn = plot->replotCount();
        plot->refresh();
        if (!feed.series.empty() &&
            application.wait_painted([&] { return plot->replotCount() > drawn; }, 200))
            frames.push_back(1e3 * (bench::thread_seconds() - before));
        ended = feed.finished;
        const std::int64_t steps = settings->steps, made = steps * static_cast<std::int64_t>(series);
        if (made < row * points / 20 && !ended) continue;
        row = 20 * made / std::max<std::int64_t>(points, 1) + 1;
        malloc_trim(0);
        std::printf("%12lld %12lld %10.1f %14.1f %12.2f %12.2f %12.2f\n", static_cast<long long>(steps),
                    static_cast<long long>(made), bench::wall_seconds() - begun,
                    bench::resident_bytes() / 1e6, folder_bytes(folder) / 1e6, bench::quantile(frames, 0.5),
                    bench::quantile(frames, 0.99));
        std::fflush(stdout);
        frames.clear();
    }
    return 0;
}
