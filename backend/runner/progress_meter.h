// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "backend/runner/clock.h"

namespace limbeck {

/// How fast a group of runs goes and how long it will take, evaluations included. Pauses do not count: it is
/// told how long each step and each evaluation took.
class ProgressMeter {
  public:
    struct RunSize {
        std::int64_t steps = 0, steps_done = 0;
        std::int64_t evaluations = 0, evaluations_done = 0;
    };

    /// Runs in their order; estimates for those not yet prepared.
    void begin_group(std::vector<RunSize> runs);
    /// The run at `index` is on, with its true size. What was measured of the one before is the first guess.
    void begin_run(std::size_t index, const RunSize& size);
    void step(std::int64_t samples, double seconds);
    void evaluation(double seconds);
    void end_run();

    double samples_per_second() const; ///< over the last three seconds of training; 0: not known
    double seconds_left() const;       ///< of the group; -1: not known yet. Smooth: call it often.
    double fraction();                 ///< of the group, 0..1; never goes back

  private:
    struct Mark {
        double seconds = 0;
        std::int64_t steps = 0, samples = 0;
    };

    double step_seconds() const;
    double work(bool left_only) const;

    std::vector<RunSize> runs_;
    std::size_t current_ = 0;
    std::deque<Mark> marks_; ///< training time, steps and samples so far, at most one each tenth of a second
    Mark now_;
    double step_seconds_ = 0, evaluation_seconds_ = 0;
    double fraction_ = 0;
    mutable double shown_left_ = -1;
    mutable Clock::time_point shown_at_{};
};

} // namespace limbeck
