// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/command_queue.h"

#include <algorithm>
#include <utility>

namespace limbeck {

void CommandQueue::push(Order order, std::uint64_t number) {
    {
        const std::lock_guard lock(mutex_);
        if (std::holds_alternative<Stop>(order)) stop_.store(true, std::memory_order_release);
        if (std::holds_alternative<Pause>(order)) last_pause_ = std::max(last_pause_, number);
        if (std::holds_alternative<Resume>(order) && number < last_pause_) return;
        orders_.push_back({number, std::move(order)});
        waiting_.store(true, std::memory_order_release);
    }
    come_.notify_one();
}

void CommandQueue::nudge() {
    {
        const std::lock_guard lock(mutex_);
        nudged_ = true;
    }
    come_.notify_one();
}

std::vector<Order> CommandQueue::take_locked() {
    std::vector<Order> taken;
    taken.reserve(orders_.size());
    for (Numbered& one : orders_)
        taken.push_back(std::move(one.order));
    orders_.clear();
    nudged_ = false;
    waiting_.store(false, std::memory_order_release);
    return taken;
}

std::vector<Order> CommandQueue::take() {
    const std::lock_guard lock(mutex_);
    return take_locked();
}

std::vector<Order> CommandQueue::wait() {
    std::unique_lock lock(mutex_);
    come_.wait(lock, [this] { return nudged_ || !orders_.empty(); });
    return take_locked();
}

} // namespace limbeck
