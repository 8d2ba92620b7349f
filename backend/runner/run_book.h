// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backend/runner/mailbox.h"
#include "backend/runner/thinner.h"
#include "backend/types/run.h"

namespace limbeck {

/// The buckets under way of a run's series, as text by series: they travel in the checkpoint, so that a
/// resumed run fills the very same buckets.
using ThinnerStates = std::map<std::string, std::string>;

/// Puts them into a state's metadata, and takes them out again.
void put_thinners(TensorMap& state, const ThinnerStates& thinners);
ThinnerStates take_thinners(TensorMap& state);

/// One run that is on or queued, as the store thread keeps it: the record, and what is not written yet.
class RunBook {
  public:
    RunBook(RunRecord record, ThinnerStates thinners, std::int64_t points_per_series);

    /// Thins the rows; `fresh` gets what is new for the feed, by series.
    void take(const RowsMail& rows, std::map<std::string, std::vector<MetricPoint>>& fresh);
    /// Closes all buckets.
    void finish(std::map<std::string, std::vector<MetricPoint>>& fresh);
    /// Copies what the training thread knows better.
    void take(const RunStatus& status);
    ThinnerStates thinner_states() const;

    bool ended() const;

    RunRecord record;
    bool dirty = false;               ///< the record is not written yet
    std::int64_t saved_step = 0;      ///< the document has the points up to it
    std::int64_t checkpoint_step = 0; ///< of the last checkpoint in the document; -1: none
    bool summary_is_old = false;      ///< evaluations came that it does not know
    std::map<std::string, std::vector<MetricPoint>> unwritten; ///< by series

  private:
    void add(const std::string& series, bool evaluation, std::int64_t step, double value,
             std::map<std::string, std::vector<MetricPoint>>& fresh);
    void collect(const std::string& series, std::vector<MetricPoint> points,
                 std::map<std::string, std::vector<MetricPoint>>& fresh);

    std::int64_t points_per_series_;
    ThinnerStates restored_; ///< of series that have not come by again
    std::map<std::string, Thinner> thinners_;
};

} // namespace limbeck
