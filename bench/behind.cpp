// SPDX-License-Identifier: GPL-3.0-or-later
// How far the document is behind the training: the project's experiment is trained, and a second session that
// only views the project, as another process would, is asked again and again which steps it can read.
//
//   bench_behind PROJECT [SECONDS]      a project that limbeck-cli made; default: 60 seconds of its training
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>
#include <vector>

#include "backend/runner/session.h"

using namespace limbeck;

namespace {

using Clock = std::chrono::steady_clock;
using Point = std::pair<RunId, std::int64_t>; ///< run, step

double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
}

int refuse(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return 1;
}

/// The steps of the curve that every run has and that grows with every step.
std::vector<Point> steps_in(const Feed& feed) {
    std::vector<Point> steps;
    for (const SeriesUpdate& update : feed.series)
        if (update.series == "train/loss")
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
    if (!writer) return refuse(writer.error());
    if (auto started = (*writer)->start((*writer)->config()); !started) return refuse(started.error());
    auto viewer = Session::open(argv[1], Project::Access::view, host);
    if (!viewer) return refuse(viewer.error());

    std::map<Point, Clock::time_point> waiting; // seen in training, not yet in the document
    std::vector<double> late;
    const auto begun = Clock::now();
    Clock::time_point looked;
    for (bool ended = false; !ended && seconds_since(begun) < seconds;) {
        const Feed live = (*writer)->poll();
        for (const Point& point : steps_in(live))
            waiting.emplace(point, Clock::now());
        if (seconds_since(looked) > 0.05) {
            looked = Clock::now();
            (*viewer)->look_again();
        }
        for (const Point& point : steps_in((*viewer)->poll())) {
            const auto seen = waiting.find(point);
            if (seen == waiting.end()) continue;
            late.push_back(seconds_since(seen->second));
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
        late.push_back(seconds_since(seen));
    std::sort(late.begin(), late.end());
    const auto at = [&](double q) {
        return late[static_cast<std::size_t>(std::lround(q * static_cast<double>(late.size() - 1)))];
    };
    std::printf("%zu steps in %.1f s, readable by others after: median %.2f s, p99 %.2f s, slowest %.2f s\n",
                late.size(), seconds_since(begun), at(0.5), at(0.99), at(1));
    return 0;
}
