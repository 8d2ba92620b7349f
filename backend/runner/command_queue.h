// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "backend/types/command.h"

namespace limbeck {

/// A change that is durable already: sets `event.what` of run `event.run` to `event.to`.
struct DurableChange {
    RunEvent event;
};

using Order = std::variant<Pause, Resume, StepOnce, Stop, EvaluateNow, CheckpointNow, DurableChange>;

/// The way to the training thread: emptied between two steps, waited on only in a pause. Orders that change
/// the run come by way of the store thread and so later than those that do not; the numbers that they were
/// given when they were asked for keep a late Resume from undoing a newer Pause.
class CommandQueue {
  public:
    /// The number of an order, drawn when it is asked for.
    std::uint64_t draw() { return next_.fetch_add(1) + 1; }

    void push(Order order, std::uint64_t number);
    /// Wakes a pause that waits, so that it looks after other things (probes).
    void nudge();

    /// One look at an atomic: cheap enough for every step.
    bool empty() const { return !waiting_.load(std::memory_order_acquire); }

    std::vector<Order> take();
    /// Waits until there is something to take, or a nudge.
    std::vector<Order> wait();

    /// True from the moment Stop was asked for, also while an evaluation is on.
    bool stop_asked() const { return stop_.load(std::memory_order_acquire); }

  private:
    struct Numbered {
        std::uint64_t number = 0;
        Order order;
    };

    std::vector<Order> take_locked();

    std::mutex mutex_;
    std::condition_variable come_;
    std::vector<Numbered> orders_;
    bool nudged_ = false;
    std::uint64_t last_pause_ = 0;
    std::atomic<std::uint64_t> next_{0};
    std::atomic<bool> waiting_{false}, stop_{false};
};

} // namespace limbeck
