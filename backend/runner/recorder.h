// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "backend/runner/clock.h"
#include "backend/runner/guarded.h"
#include "backend/runner/ledger.h"

namespace limbeck {

/// The store thread: the only one that touches the project. It looks into the mailbox some forty times a
/// second while a group is on (and at once when somebody rings), feeds the board, writes about every
/// `write_seconds`, and does the front's jobs in between, in order.
class Recorder {
  public:
    Recorder(std::unique_ptr<Ledger> ledger, std::shared_ptr<Mailbox> mailbox, SessionOptions options);
    ~Recorder(); ///< takes in and writes all that has come, then closes the project and joins

    /// Does `job(Ledger&)`, which gives a Result, on the store thread and waits for it. Never throws.
    template <class F>
    std::invoke_result_t<F, Ledger&> call(std::string_view doing, F job) {
        using Answer = std::invoke_result_t<F, Ledger&>;
        std::promise<Answer> promise;
        auto future = promise.get_future();
        post([&](Ledger& ledger) { promise.set_value(guarded(doing, [&] { return job(ledger); })); });
        return future.get();
    }

    /// Queues a job; it must not throw.
    void post(std::function<void(Ledger&)> job);
    /// While saving fails: tries again at once.
    void retry();
    /// While saving fails: lets go of a group that is over after one more attempt.
    void give_up();
    /// Jobs that change a run and are not done yet: an order that must stay behind them goes this way too.
    std::atomic<int> changes_waiting{0};

  private:
    void run();
    void ring();
    void write_if_due(bool now);
    void saving_failed(Error error, bool tell);
    void saving_worked();

    std::unique_ptr<Ledger> ledger_;
    std::shared_ptr<Mailbox> mailbox_;
    SessionOptions options_;
    Clock::time_point last_write_ = Clock::now();
    bool failing_ = false;   ///< saving failed the last time, and the run waits
    bool giving_up_ = false; ///< somebody has asked for it
    bool retry_asked_ = false;

    std::mutex mutex_;
    std::condition_variable come_;
    std::vector<std::function<void(Ledger&)>> jobs_;
    bool rung_ = false, quit_ = false;

    std::thread thread_;
};

} // namespace limbeck
