// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "backend/runner/session.h"

namespace limbeck {

/// Keeps a run's last and best values up to date from what the feed brings, so that the runs list
/// needs nothing from the disk while training is on. Says the same as Project::summary().
class LiveSummary {
  public:
    LiveSummary() = default;

    explicit LiveSummary(const RunSummary& stored) : values_(stored) {}

    /// Takes all of a feed's points of `run`; true if something changed.
    bool absorb(RunId run, const std::vector<SeriesUpdate>& updates);

    const RunSummary& values() const { return values_; }

  private:
    void absorbAccuracy(const std::vector<MetricPoint>& points);
    void absorbRest(const SeriesUpdate& update);

    RunSummary values_;
    std::int64_t epochsSeen_ = 0;
    std::int64_t bestStep_ = -1;
};

} // namespace limbeck
