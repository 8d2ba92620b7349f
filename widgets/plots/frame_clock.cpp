// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/frame_clock.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <thread>

namespace limbeck {
namespace {

// Drawing's part of the machine. Idle, the window may be as lively as it likes without being a hog.
constexpr double share_training = 0.010;
constexpr double share_idle = 0.25;

} // namespace

std::chrono::nanoseconds threadTime() {
#ifdef CLOCK_THREAD_CPUTIME_ID
    timespec now{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0)
        return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
#endif
    return std::chrono::steady_clock::now().time_since_epoch();
}

FramePacer::FramePacer(int cores, double share) : cores_(std::max(1, cores)), share_(share) {}

void FramePacer::report(Nanoseconds cost) {
    const auto now = static_cast<double>(cost.count());
    cost_ns_ = now > cost_ns_ ? now : 0.9 * cost_ns_ + 0.1 * now;
}

std::chrono::milliseconds FramePacer::interval() const {
    // cost = share * cores * interval, solved for the interval.
    const double milliseconds = std::ceil(cost_ns_ / (share_ * cores_) / 1e6);
    const double bounded =
        std::clamp(milliseconds, static_cast<double>(shortest.count()), static_cast<double>(longest.count()));
    return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(bounded));
}

void FramePacer::setShare(double share) {
    share_ = share;
}

FrameClock::FrameClock(QObject* parent, int cores)
    : QObject(parent)
    , pacer_(cores > 0 ? cores : static_cast<int>(std::thread::hardware_concurrency()), share_idle) {
    timer_.setTimerType(Qt::CoarseTimer);
    connect(&timer_, &QTimer::timeout, this, &FrameClock::tick);
}

void FrameClock::addCostSource(std::function<std::chrono::nanoseconds()> source) {
    sources_.push_back(std::move(source));
}

void FrameClock::setTraining(bool training) {
    training_ = training;
    pacer_.setShare(training ? share_training : share_idle);
    if (timer_.isActive() && timer_.intervalAsDuration() != interval()) timer_.setInterval(interval());
}

std::chrono::milliseconds FrameClock::interval() const {
    return pacer_.interval();
}

void FrameClock::start() {
    timer_.start(interval());
}

void FrameClock::stop() {
    timer_.stop();
}

void FrameClock::tick() {
    // The replots that this frame queues are paid for when the next one comes.
    std::chrono::nanoseconds cost = answering_;
    for (const auto& source : sources_)
        cost += source();
    if (cost.count() > 0) pacer_.report(cost);
    // Setting an interval restarts the timer: only when it really changes.
    const auto wanted = interval(), now = timer_.intervalAsDuration();
    if (wanted > now + now / 10 || wanted + now / 10 < now) timer_.setInterval(wanted);
    const auto before = threadTime();
    emit frame();
    answering_ = threadTime() - before;
}

} // namespace limbeck
