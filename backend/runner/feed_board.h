// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backend/runner/clock.h"
#include "backend/runner/session.h"

namespace limbeck {

/// What has happened since the front last looked: series are joined, runs and progress keep their newest
/// state. The training and the store thread write, the front takes; nobody waits for longer than a few
/// assignments.
class FeedBoard {
  public:
    /// `wake` is called once for all that comes until the next take().
    explicit FeedBoard(std::function<void()> wake);

    void points(RunId run, const std::string& series, std::span<const MetricPoint> points);
    void event(const RunEvent& event);
    void run(const RunRecord& record);
    void progress(const RunProgress& progress);
    void answers(AnswersSnapshotPtr answers);
    void error(Error error);
    void note(std::string note);
    void saved();
    void saving_stopped(Error why);
    void saving_goes_on();
    void finished();
    void looked_again(bool rewound);

    /// At most `most_points` points at once (oldest first, the rest stays for the next look), so that a front
    /// that was away for hours does not choke on its return.
    Feed take(std::size_t most_points = 50'000);

    /// After this nobody is woken any more; returns when no call of `wake` is under way.
    void silence();

  private:
    void changed();

    std::mutex mutex_;
    Feed feed_;
    std::map<std::pair<RunId, std::string>, std::vector<MetricPoint>> series_;
    std::map<RunId, RunRecord> runs_;
    std::optional<Clock::time_point> saved_at_;
    bool woken_ = false;

    std::mutex wake_mutex_;
    std::function<void()> wake_;
};

} // namespace limbeck
