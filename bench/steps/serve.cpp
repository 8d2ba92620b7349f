// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/steps/serve.h"

#include <algorithm>
#include <chrono>
#include <iostream>

#include <nlohmann/json.hpp>

#include "backend/types/numbers.h"
#include "bench/steps/work.h"

namespace limbeck::bench {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

void say(const Json& object) {
    std::cout << object.dump() << std::endl;
}

/// Appends the losses of what was drained.
Result<void> take_losses(TrainingJob& job, bool wait, std::vector<double>& losses) {
    const auto rows = job.drain(wait);
    if (!rows) return tl::unexpected(rows.error());
    if (rows->first_bad_step)
        return failure(ErrorKind::numeric, "The loss or a gradient was not finite in step " +
                                               std::to_string(*rows->first_bad_step) + ".");
    const auto series = job.step_series();
    const auto loss = std::find(series.begin(), series.end(), "train/loss") - series.begin();
    for (std::size_t row = 0; row < rows->steps.size(); ++row)
        losses.push_back(rows->values[row * series.size() + static_cast<std::size_t>(loss)]);
    return {};
}

Result<Json> go(TrainingJob& job, std::int64_t steps) {
    std::vector<double> seconds, losses;
    const auto start = Clock::now();
    auto last = start;
    for (std::int64_t i = 0; i < steps; ++i) {
        if (const auto done = job.step(); !done) return tl::unexpected(done.error());
        if (auto taken = take_losses(job, false, losses); !taken) return tl::unexpected(taken.error());
        const auto now = Clock::now();
        seconds.push_back(std::chrono::duration<double>(now - last).count());
        last = now;
    }
    if (auto taken = take_losses(job, true, losses); !taken) return tl::unexpected(taken.error());
    const double total = seconds_since(start);
    return Json{{"rows", steps},
                {"seconds", seconds},
                {"total", total},
                {"losses", losses},
                {"notes", job.take_notes()}};
}

/// The task of a work with the options of the command line.
Result<TrainingTask> task_for(const Work& work, const ServeOptions& options) {
    TrainingTask task = task_of(work, options.augment);
    task.precision = options.precision;
    task.device = options.device;
    if (options.augment && !work.data->input.is_image())
        return failure(ErrorKind::usage, work.pair.name + " is of vectors; crops and flips need pictures.");
    // In memory alone: what an earlier run left on the disk would be a head start.
    task.teacher_cache = options.cache;
    task.cache_budget = std::int64_t{1} << 30;
    return task;
}

} // namespace

Result<void> serve(Engine& engine, const ServeOptions& options) {
    const auto work = read_work(options.folder);
    if (!work) return tl::unexpected(work.error());
    const auto task = task_for(*work, options);
    if (!task) return tl::unexpected(task.error());
    const auto start = Clock::now();
    auto job = engine.prepare(*task, work->data);
    if (!job) return tl::unexpected(job.error());
    const EngineInfo info = engine.info();
    say({{"ready", true},
         {"prepare_seconds", seconds_since(start)},
         {"device", (*job)->device()},
         {"steps_per_epoch", (*job)->steps_per_epoch()},
         {"torch", info.libtorch_version},
         {"flavour", info.flavour},
         {"instruction_set", info.instruction_set},
         {"threads", info.threads}});
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
        const auto steps = line.starts_with("go ") ? parse_integer(line.substr(3)) : std::nullopt;
        if (!steps || *steps < 1)
            return failure(ErrorKind::usage,
                           "Found the line \"" + line + "\"; \"go N\" or \"quit\" is right.");
        const auto answer = go(**job, *steps);
        if (!answer) return tl::unexpected(answer.error());
        say(*answer);
    }
    return {};
}

} // namespace limbeck::bench
