// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/session_driver.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace limbeck::test {

ExperimentConfig small_config(std::int64_t epochs, std::int64_t samples) {
    ExperimentConfig config;
    config.data.dataset.kind = "moons";
    config.data.samples = samples;
    config.teacher.network = {"mlp", {{"hidden", "16x16"}}, {}};
    config.student.network = {"mlp", {{"hidden", "4"}}, {}};
    config.teacher.training.epochs = config.training.epochs = epochs;
    config.teacher.training.batch_size = config.training.batch_size = 16;
    config.training.device = "cpu";
    return config;
}

void SessionDriver::poll() {
    Feed feed = session_.poll();
    for (SeriesUpdate& update : feed.series) {
        auto& list = series[{update.run, update.series}];
        list.insert(list.end(), update.points.begin(), update.points.end());
    }
    events.insert(events.end(), feed.events.begin(), feed.events.end());
    errors.insert(errors.end(), feed.errors.begin(), feed.errors.end());
    notes.insert(notes.end(), feed.notes.begin(), feed.notes.end());
    if (feed.saving_stopped) saving_stopped.push_back(*feed.saving_stopped);
    if (feed.saving_goes_on) ++saving_went_on;
    seconds_since_save = feed.seconds_since_save;
    for (const RunRecord& record : feed.runs)
        runs[record.id] = record;
    if (feed.progress) progress = feed.progress;
    if (feed.answers) answers = feed.answers;
    if (feed.finished) ++finished;
}

bool SessionDriver::until(const std::function<bool()>& enough, double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (true) {
        poll();
        if (enough()) return true;
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

bool SessionDriver::until_finished(double seconds) {
    const int before = finished;
    return until([&] { return finished > before; }, seconds);
}

bool SessionDriver::until_state(Role role, RunState state, double seconds) {
    return until([&] { return run(role).state == state && run(role).id != 0; }, seconds);
}

bool SessionDriver::until_step(Role role, std::int64_t step, double seconds) {
    return until([&] { return progress && progress->run == run(role).id && progress->step >= step; },
                 seconds);
}

RunRecord SessionDriver::run(Role role) const {
    RunRecord found;
    for (const auto& [id, record] : runs) {
        if (record.role == role) found = record;
    }
    return found;
}

const std::vector<MetricPoint>& SessionDriver::points(RunId run, const std::string& name) const {
    static const std::vector<MetricPoint> none;
    const auto found = series.find({run, name});
    return found == series.end() ? none : found->second;
}

std::map<std::string, std::vector<MetricPoint>> all_points(const Session& session, RunId run) {
    std::map<std::string, std::vector<MetricPoint>> all;
    const auto names = session.series_of(run);
    if (!names) return all;
    for (const std::string& name : *names) {
        auto points = session.points(run, name);
        if (points) all[name] = std::move(*points);
    }
    return all;
}

} // namespace limbeck::test
