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

void Recorder::retry() {
    post([this](Ledger&) { retry_asked_ = true; });
}

void Recorder::give_up() {
    post([this](Ledger&) { giving_up_ = retry_asked_ = true; });
}

void Recorder::write_if_due(bool now) {
    const bool asked = std::exchange(retry_asked_, false) && failing_;
    const bool last_try = giving_up_ && failing_ && ledger_->group_ended();
    const double pause = failing_ ? options_.retry_seconds : options_.write_seconds;
    const bool due = seconds_between(last_write_, Clock::now()) >= pause;
    // While writing fails, urgency is no reason to try more often.
    if (!due && !now && !asked && !last_try && (failing_ || !ledger_->urgent())) return;
    if (!ledger_->dirty() && !failing_) return;
    if (failing_) ledger_->project().give_back_log();
    const auto written = guarded("Saving the run", [this] { return ledger_->flush(); });
    last_write_ = Clock::now();
    if (written)
        saving_worked();
    else
        saving_failed(written.error(), asked);
}

void Recorder::saving_worked() {
    giving_up_ = false;
    if (!std::exchange(failing_, false)) return;
    ledger_->board().saving_goes_on();
    mailbox_->hold(false);
}

void Recorder::saving_failed(Error error, bool tell) {
    const bool begins = !std::exchange(failing_, true);
    mailbox_->hold(true);
    if (giving_up_ && ledger_->group_ended()) {
        error.message = "What was not saved is lost. " + ledger_->unsaved() + " " + error.message;
        ledger_->board().error(std::move(error));
        ledger_->give_up();
        giving_up_ = failing_ = false;
        mailbox_->hold(false);
    } else if (begins || tell) {
        ledger_->board().saving_stopped(std::move(error));
    }
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
