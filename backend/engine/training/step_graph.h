// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend/engine/device/graph_capture.h"

namespace limbeck {

/// What decides which operations a step consists of. Steps with the same key differ only in numbers that lie
/// on the device.
struct StepKey {
    std::int64_t batch = 0;
    bool initial = false; ///< the initial stage
    std::vector<bool>
        not_zero{}; ///< of the weights, labels first: pieces with weight 0 are computed another way

    bool operator==(const StepKey&) const = default;
};

/// The graph of the steps of a run: one at a time, since a run goes from stage to stage and does not come
/// back. A step of a new kind is done operation by operation first: libraries set themselves up then, which a
/// recording could not hold.
class StepGraph {
  public:
    StepGraph(torch::Device device, GraphMaker maker) : device_(device), maker_(std::move(maker)) {}

    bool possible() const { return static_cast<bool>(maker_.make); }

    /// A step of this kind was done operation by operation.
    void seen(const StepKey& key);

    using Work = std::function<void()>;

    /// Does a step's work by replay; asks for it and records it first where that was not done yet. The work
    /// gives the device the same operations whenever it is called and leaves nothing on the host. False: it
    /// was not done and must be done otherwise. Where a graph fails there will be no more of them: see
    /// take_note().
    bool replay(const StepKey& key, const std::function<Work()>& make_work);

    /// Frees the graph's memory. True: there was a graph.
    bool drop();

    /// Why steps are not replayed, once; empty: nothing to tell.
    std::string take_note();

  private:
    void record(const Work& work);

    torch::Device device_;
    GraphMaker maker_;
    StepKey key_; ///< of what was seen or recorded last
    bool seen_ = false;
    std::unique_ptr<GraphCapture> graph_;
};

} // namespace limbeck
