// SPDX-License-Identifier: GPL-3.0-or-later
// How long a large project takes to open in the window, and a run of it to show its curves.
//
//   bench_project make FOLDER [RUNS] [POINTS]     default: 500 10000000
//   bench_project open FOLDER [cold]              cold: the file is dropped from the page cache first
#include <QScrollBar>
#include <QTemporaryDir>
#include <fcntl.h>
#include <random>
#include <string>
#include <string_view>

#include "app/document/scratch.h"
#include "app/pages/training_page.h"
#include "app/window/main_window.h"
#include "backend/project/project.h"
#include "backend/types/catalogue.h"
#include "bench/measure.h"
#include "widgets/plots/training_plot.h"
#include "widgets/runs/runs_view.h"

using namespace limbeck;

namespace {

constexpr std::int64_t epochs = 20;

void expect(const Result<void>& done) {
    if (done) return;
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    std::exit(1);
}

/// A student as the window makes them, with its curves.
void add_run(Project& project, const ExperimentConfig& sample, std::int64_t number, std::int64_t points) {
    std::minstd_rand draw(static_cast<unsigned>(number + 1));
    std::normal_distribution<double> noise(0, 0.1);
    RunRecord run;
    run.group = number / 3 + 1;
    run.role = number % 3 == 0 ? Role::teacher : number % 3 == 1 ? Role::baseline : Role::student;
    run.name = "run " + std::to_string(number + 1);
    run.state = RunState::finished;
    run.config = sample;
    run.config.training.seed = number / 3 % 5;
    run.config.distillation.temperature = 1 + static_cast<double>(number / 15 % 8);
    run.config.distillation.soft_weight = 0.1 * static_cast<double>(number / 120 % 10);
    run.device = "cpu";
    run.epoch = run.total_epochs = epochs;
    run.created = run.finished = "2026-11-01T12:00:00Z";
    run.seconds = 60;

    const std::vector<std::string> per_step{"loss",          "hard",         "soft",      "hard_weighted",
                                            "soft_weighted", "accuracy",     "agreement", "teacher_accuracy",
                                            "predictive_kl", "learning_rate"};
    const auto steps = points / static_cast<std::int64_t>(per_step.size());
    run.step = run.total_steps = steps;
    const auto id = project.add_run(run);
    if (!id) expect(tl::unexpected(id.error()));
    const auto add = [&](const std::string& series, std::int64_t count, std::int64_t every) {
        std::vector<MetricPoint> curve;
        for (std::int64_t i = 1; i <= count; ++i) {
            const double value = 1 / (1 + 1e-3 * static_cast<double>(i * every)) + noise(draw);
            const auto narrow = static_cast<float>(value);
            curve.push_back({i * every, value, narrow, narrow});
        }
        expect(project.append_points(*id, series, curve));
    };
    for (const std::string& name : per_step)
        add("train/" + name, steps, 1);
    for (const char* part : {"validation/", "test/"})
        for (std::size_t i = 0; i + 1 < per_step.size(); ++i)
            add(part + per_step[i], epochs, std::max<std::int64_t>(1, steps / epochs));
}

int make(const std::string& folder, std::int64_t runs, std::int64_t points) {
    const SampleExperiment* sample = find_sample("glyphs");
    auto project = Project::create(folder, sample->config);
    if (!project) expect(tl::unexpected(project.error()));
    for (std::int64_t number = 0; number < runs; number += 10)
        expect((*project)->transaction([&]() -> Result<void> {
            for (std::int64_t i = number; i < std::min(runs, number + 10); ++i)
                add_run(**project, sample->config, i, points / runs);
            return {};
        }));
    return 0;
}

void drop_from_cache(const std::string& folder) {
    const int file = ::open((folder + "/project.limbeck").c_str(), O_RDONLY);
    if (file < 0) return;
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

int open(bench::Application& application, const std::string& folder, double started) {
    QTemporaryDir scratch;
    const auto since = [](double moment) { return 1e3 * (bench::wall_seconds() - moment); };
    {
        const double before = bench::wall_seconds();
        const auto project = Project::open(folder, Project::Access::view);
        if (!project) expect(tl::unexpected(project.error()));
        const double opened = since(before);
        const auto runs = (*project)->runs();
        std::printf("store alone: open %.0f ms, records of %zu runs %.0f ms\n", opened, runs->size(),
                    since(before) - opened);
    }
    auto host = std::make_shared<EngineHost>(engine_loader(), 5);
    int code = 0;
    {
        double before = bench::wall_seconds();
        MainWindow window(host, Scratch(scratch.filePath("untitled")), Settings());
        window.resize(1366, 768);
        window.show();
        application.wait_painted();
        std::printf("window painted without a project: %.0f ms after it was begun\n", since(before));
        before = bench::wall_seconds();
        if (!window.openProject(QString::fromStdString(folder))) return 1;
        std::printf("opening, until the call is back: %.0f ms\n", since(before));
        auto* list = window.page().findChild<RunsView*>("runsView");
        const TrainingPlot& loss = window.page().lossPlot();
        const int drawn = loss.replotCount();
        application.wait_painted([&] { return list->model()->rowCount() > 0; });
        std::printf("opening, until %d runs are painted: %.0f ms\n", list->model()->rowCount(),
                    since(before));
        application.wait_painted([&] { return loss.replotCount() > drawn; });
        std::printf("opening, until the newest run's curves are painted: %.0f ms\n", since(before));
        std::printf("since main() began: %.0f ms\n", since(started));

        std::vector<double> choosing;
        for (RunId run = 3; run <= list->model()->rowCount(); run += list->model()->rowCount() / 20 / 3 * 3) {
            before = bench::wall_seconds();
            const int replots = loss.replotCount();
            list->choose(run);
            application.wait_painted([&] { return loss.replotCount() > replots; });
            choosing.push_back(since(before));
        }
        std::printf("choosing a run, until its curves are painted: median %.0f ms, slowest of %zu %.0f ms\n",
                    bench::quantile(choosing, 0.5), choosing.size(), bench::quantile(choosing, 1));
    }
    host.reset();
    return code;
}

} // namespace

int main(int argc, char** argv) {
    const double started = bench::wall_seconds();
    const std::string_view what = argc > 2 ? argv[1] : "";
    const auto number = [&](int at, std::int64_t otherwise) {
        return argc > at ? std::atoll(argv[at]) : otherwise;
    };
    if (what == "make") return make(argv[2], number(3, 500), number(4, 10'000'000));
    if (what != "open") {
        std::fprintf(stderr, "usage: bench_project make|open FOLDER [RUNS] [POINTS]\n");
        return 2;
    }
    if (argc > 3) drop_from_cache(argv[2]);
    prepare_process();
    bench::Application application(argc, argv);
    return open(application, argv[2], started);
}
