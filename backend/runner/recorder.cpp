// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/recorder.h"

#include <utility>

namespace limbeck {

Recorder::Recorder(std::unique_ptr<Ledger> ledger, std::shared_ptr<Mailbox> mailbox, SessionOptions options)
    : ledger_(std::move(ledger)), mailbox_(std::move(mailbox)), options_(options) {
    mailbox_->on_urgent([this] { ring(); });
    thread_ = std::thread([this] { run(); });
}

Recorder::~Recorder() {
    mailbox_->on_urgent({}); // from here on nobody rings
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
    }
    come_.notify_one();
    thread_.join();
}

void Recorder::ring() {
    {
        const std::lock_guard lock(mutex_);
        rung_ = true;
    }
    come_.notify_one();
}

void Recorder::post(std::function<void(Ledger&)> job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    come_.notify_one();
}

void Recorder::write_if_due(bool now) {
    const bool due = seconds_between(last_write_, Clock::now()) >= options_.write_seconds;
    // While writing fails, urgency is no reason to try more often.
    if (!due && !now && (failing_ || !ledger_->urgent())) return;
    if (!ledger_->dirty()) return;
    const auto written = guarded("Saving the run", [this] { return ledger_->flush(); });
    last_write_ = Clock::now();
    if (!written && !std::exchange(failing_, true)) {
        failing_since_ = last_write_;
        Error error = written.error();
        error.message += " What is not saved yet is kept in memory, and saving is tried again and again.";
        ledger_->board().error(std::move(error));
    }
    constexpr double patience = 30; // seconds
    if (!written && ledger_->group_ended() && seconds_between(failing_since_, last_write_) > patience) {
        Error error = written.error();
        error.message =
            "The end of the run could not be saved; the project holds it up to its last checkpoint. " +
            error.message;
        ledger_->board().error(std::move(error));
        ledger_->give_up();
        failing_ = false;
    }
    if (written && std::exchange(failing_, false)) ledger_->board().note("Saving works again; all is saved.");
}

void Recorder::run() {
    constexpr auto look_every = std::chrono::milliseconds(25);
    std::unique_lock lock(mutex_);
    while (true) {
        const auto called = [this] { return rung_ || quit_ || !jobs_.empty(); };
        if (ledger_->active() || ledger_->dirty()) {
            come_.wait_for(lock, look_every, called);
        } else {
            come_.wait(lock, called);
        }
        rung_ = false;
        const bool closing = quit_;
        std::vector<std::function<void(Ledger&)>> jobs;
        jobs.swap(jobs_);
        lock.unlock();

        const auto taken = guarded("Taking in what the run gave", [this]() -> Result<void> {
            ledger_->take(mailbox_->take());
            return {};
        });
        if (!taken) ledger_->board().error(taken.error());
        for (const auto& job : jobs)
            job(*ledger_);
        jobs.clear();
        write_if_due(closing);

        lock.lock();
        if (closing && jobs_.empty()) break;
    }
    lock.unlock();
    ledger_.reset(); // closes the project on the thread that used it
}

} // namespace limbeck
