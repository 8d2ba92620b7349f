// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "backend/types/run.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

using SeriesNames = std::shared_ptr<const std::vector<std::string>>;

/// Metrics of some steps or of one evaluation: values is [steps.size(), names->size()], row-major.
struct RowsMail {
    RunId run = 0;
    SeriesNames names;
    bool evaluation = false;
    std::vector<std::int64_t> steps;
    std::vector<double> values;
};

/// Weights (and but for "best" all the rest) to be written. A newer one of the same run and kind replaces one
/// that is still waiting: a slow disk loses an old checkpoint, not the training thread's time.
struct CheckpointMail {
    RunId run = 0;
    std::string kind; ///< "last" | "best" | kept_kind()
    std::int64_t step = 0, epoch = 0;
    bool whole = false;                       ///< the run is finished: no step comes after it
    std::shared_ptr<const TensorMap> weights; ///< null: replaced by a newer one
    TensorMap state;
};

/// What the training thread knows better than the document about a run.
struct RunStatus {
    RunId run = 0;
    RunState state = RunState::running;
    std::int64_t step = 0, total_steps = 0, epoch = 0, total_epochs = 0;
    std::int64_t steps_per_epoch = 0;
    std::string device, dataset_fingerprint;
    std::int64_t threads = 0;
    double seconds = 0;
    std::string error; ///< state failed: why
};

/// A change that was made durable beforehand has been applied (or could not be: `applied` false).
struct EventMail {
    RunEvent event;
    bool applied = true;
};

/// The group that was on has come to its end, whichever.
struct GroupEndMail {
    GroupId group = 0;
};

using Mail = std::variant<RowsMail, CheckpointMail, RunStatus, EventMail, GroupEndMail>;

/// The way from the training thread to the store thread: whoever posts takes a lock for the length of a few
/// assignments and never waits for a disk or a window. In order.
class Mailbox {
  public:
    /// `ring` is called (outside of the lock) for mail that should not wait for the next look.
    void on_urgent(std::function<void()> ring);

    /// Rows that go on from the last ones join them.
    void post_rows(RunId run, const SeriesNames& names, bool evaluation,
                   const std::vector<std::int64_t>& steps, const std::vector<double>& values);
    void post(CheckpointMail checkpoint);
    void post(RunStatus status, bool urgent);
    void post(EventMail event);
    void post(GroupEndMail end);

    /// All that is there; empties the box.
    std::vector<Mail> take();

    /// The store thread cannot write: the training thread is to make nothing more until it can, so that what
    /// waits in memory does not grow. Calls the listener.
    void hold(bool held);

    bool held() const { return held_.load(std::memory_order_acquire); }

    /// `listener` is called (from the store thread) when held() has changed; empty: nobody.
    void on_hold(std::function<void()> listener);

  private:
    void ring();

    std::mutex mutex_;
    std::vector<Mail> mail_;
    std::mutex ring_mutex_;
    std::function<void()> ring_;
    std::atomic<bool> held_{false};
    std::mutex hold_mutex_;
    std::function<void()> hold_listener_;
};

} // namespace limbeck
