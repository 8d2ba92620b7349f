// SPDX-License-Identifier: GPL-3.0-or-later
// How far the document is behind the training: the project's experiment is trained, and a second session that
// only views the project, as another process would, is asked again and again which steps it can read.
//
//   bench_behind PROJECT [SECONDS]      a project that limbeck-cli made; default: 60 seconds of its training
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "backend/runner/session.h"
#include "bench/figures.h"

using namespace limbeck;

namespace {

using Point = std::pair<RunId, std::int64_t>; ///< run, step

/// The steps of the curve that every run has and that grows with every step.
std::vector<Point> steps_in(const Feed& feed) {
    const std::string loss = std::string(series::train) + std::string(series::loss);
    std::vector<Point> steps;
    for (const SeriesUpdate& update : feed.series)
        if (update.series == loss)
            for (const MetricPoint& point : update.points)
                steps.emplace_back(update.run, point.step);
    return steps;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_behind PROJECT [SECONDS]\n");
        return 2;
    }
    prepare_process();
    const double seconds = argc > 2 ? std::atof(argv[2]) : 60;
    auto host = std::make_shared<EngineHost>(engine_loader());
    auto writer = Session::open(argv[1], Project::Access::write, host);
    if (!writer) return bench::refuse(writer.error());
    if (auto started = (*writer)->start((*writer)->config()); !started) return bench::refuse(started.error());
    auto viewer = Session::open(argv[1], Project::Access::view, host);
    if (!viewer) return bench::refuse(viewer.error());

    std::map<Point, double> waiting; // seen in training, not yet in the document
    std::vector<double> late;
    const double begun = bench::wall_seconds();
    double looked = 0;
    for (bool ended = false; !ended && bench::wall_seconds() - begun < seconds;) {
        const Feed live = (*writer)->poll();
        for (const Point& point : steps_in(live))
            waiting.emplace(point, bench::wall_seconds());
        if (bench::wall_seconds() - looked > 0.05) {
            looked = bench::wall_seconds();
            (*viewer)->look_again();
        }
        for (const Point& point : steps_in((*viewer)->poll())) {
            const auto seen = waiting.find(point);
            if (seen == waiting.end()) continue;
            late.push_back(bench::wall_seconds() - seen->second);
            waiting.erase(seen);
        }
        ended = live.finished;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    if (late.empty()) {
        std::fprintf(stderr, "no step was saved in %.0f seconds\n", seconds);
        return 1;
    }
    for (const auto& [point, seen] : waiting) // these count with what they have waited so far
        late.push_back(bench::wall_seconds() - seen);
    std::printf("%zu steps in %.1f s, readable by others after: median %.2f s, p99 %.2f s, slowest %.2f s\n",
                late.size(), bench::wall_seconds() - begun, bench::quantile(late, 0.5),
                bench::quantile(late, 0.99), bench::quantile(late, 1));
    return 0;
}
