// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/run.h"

namespace limbeck {

/// How many steps share a point so that `total_steps` give at most `cap` points: 1 as long as they all fit.
std::int64_t thinning_span(std::int64_t total_steps, std::int64_t cap);

/// Gathers the values of `span` neighbouring steps into one point: minimum, mean, maximum, at the bucket's
/// last step. Buckets lie on a fixed grid of steps ((b·span, (b+1)·span]), so a run that was stopped and
/// resumed fills the same ones. Values that are not finite are left out.
class Thinner {
  public:
    explicit Thinner(std::int64_t span = 1) : span_(span) {}

    /// Takes one value; appends the points that are whole by it to `out`.
    void add(std::int64_t step, double value, std::vector<MetricPoint>& out);
    /// Closes a bucket that is not full (at the end of a run).
    void finish(std::vector<MetricPoint>& out);

    /// The bucket under way as text, for the checkpoint; empty when there is none. Exact: restore() goes on
    /// to the same bits.
    std::string state() const;
    /// False when the text is not one that state() gave; the bucket is empty then.
    bool restore(std::string_view text);

  private:
    std::int64_t bucket_of(std::int64_t step) const;

    std::int64_t span_;
    std::int64_t count_ = 0, last_step_ = 0;
    double sum_ = 0, minimum_ = 0, maximum_ = 0;
};

} // namespace limbeck
