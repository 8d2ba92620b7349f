// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/progress_meter.h"

#include <algorithm>
#include <cmath>

namespace limbeck {

void ProgressMeter::begin_group(std::vector<RunSize> runs) {
    *this = ProgressMeter();
    runs_ = std::move(runs);
}

void ProgressMeter::begin_run(std::size_t index, const RunSize& size) {
    step_seconds_ = step_seconds();
    marks_.clear();
    now_ = {};
    current_ = index;
    if (index < runs_.size()) runs_[index] = size;
}

void ProgressMeter::step(std::int64_t samples, double seconds) {
    now_.seconds += seconds;
    now_.samples += samples;
    ++now_.steps;
    if (current_ < runs_.size()) ++runs_[current_].steps_done;
    if (marks_.empty()) marks_.push_back({now_.seconds - seconds, now_.steps - 1, now_.samples - samples});
    if (now_.seconds - marks_.back().seconds >= 0.1) marks_.push_back(now_);
    while (marks_.size() > 2 && now_.seconds - marks_.front().seconds > 3)
        marks_.pop_front();
}

void ProgressMeter::evaluation(double seconds) {
    evaluation_seconds_ = evaluation_seconds_ == 0 ? seconds : 0.5 * (evaluation_seconds_ + seconds);
    if (current_ < runs_.size()) ++runs_[current_].evaluations_done;
}

void ProgressMeter::end_run() {
    if (current_ >= runs_.size()) return;
    RunSize& run = runs_[current_];
    run.steps_done = run.steps;
    run.evaluations_done = run.evaluations;
}

double ProgressMeter::step_seconds() const {
    const std::int64_t steps = marks_.empty() ? 0 : now_.steps - marks_.front().steps;
    if (steps == 0) return step_seconds_;
    return (now_.seconds - marks_.front().seconds) / static_cast<double>(steps);
}

double ProgressMeter::samples_per_second() const {
    if (marks_.empty()) return 0;
    const double seconds = now_.seconds - marks_.front().seconds;
    return seconds > 0 ? static_cast<double>(now_.samples - marks_.front().samples) / seconds : 0;
}

double ProgressMeter::work(bool left_only) const {
    double seconds = 0;
    const double one_step = step_seconds();
    for (const RunSize& run : runs_) {
        const std::int64_t steps = run.steps - (left_only ? run.steps_done : 0);
        const std::int64_t evaluations = run.evaluations - (left_only ? run.evaluations_done : 0);
        seconds += static_cast<double>(std::max<std::int64_t>(steps, 0)) * one_step;
        seconds += static_cast<double>(std::max<std::int64_t>(evaluations, 0)) * evaluation_seconds_;
    }
    return seconds;
}

double ProgressMeter::seconds_left() const {
    if (now_.steps < 3 && step_seconds_ == 0) return -1;
    const double measured = work(true);
    const auto now = Clock::now();
    if (shown_left_ < 0) {
        shown_left_ = measured;
    } else {
        // What was said counts down by itself; what is measured draws it along, fully within some five
        // seconds.
        const double passed = seconds_between(shown_at_, now);
        const double pull = 1 - std::exp(-passed / 1.5);
        shown_left_ = std::max(0.0, shown_left_ - passed) * (1 - pull) + measured * pull;
    }
    shown_at_ = now;
    return shown_left_;
}

double ProgressMeter::fraction() {
    const double all = work(false);
    if (all > 0) fraction_ = std::clamp(1 - work(true) / all, fraction_, 1.0);
    return fraction_;
}

} // namespace limbeck
