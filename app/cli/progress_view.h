// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "app/cli/output.h"
#include "backend/runner/session.h"

namespace limbeck::cli {

/// Shows what a session's feed tells: a bar that stays in its line on a terminal, a line now and then
/// elsewhere, JSON objects with --json.
class ProgressView {
  public:
    explicit ProgressView(Output& output) : output_(output) {}

    ~ProgressView() { clear_bar(); }

    ProgressView(const ProgressView&) = delete;
    ProgressView& operator=(const ProgressView&) = delete;

    void show(const Feed& feed);
    /// A line among the others; the bar comes back below it.
    void line(const std::string& text);
    void clear_bar();

    /// Saving fails, and the run waits for it.
    bool saving_stopped() const { return saving_stopped_; }

  private:
    using Clock = std::chrono::steady_clock;

    /// What is known of a run while it goes on.
    struct Seen {
        std::string name;
        Role role = Role::student;
        RunState state = RunState::queued;
        std::int64_t epoch_told = 0;
        std::map<std::string, double> latest; ///< of the validation part
    };

    void show_metrics(const SeriesUpdate& update);
    void show_run(const RunRecord& run);
    void show_saving(const Feed& feed);
    void show_progress(const RunProgress& progress);
    std::string bar(const RunProgress& progress, const Seen& seen) const;
    std::string latest_text(const Seen& seen) const;

    Output& output_;
    std::map<RunId, Seen> runs_;
    bool bar_shown_ = false, saving_stopped_ = false;
    Clock::time_point last_line_{}, last_progress_{};
};

} // namespace limbeck::cli
