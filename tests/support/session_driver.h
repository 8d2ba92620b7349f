// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/runner/session.h"

namespace limbeck::test {

/// Two moons, `samples` of them (about 0.72 of these are for training), in batches of 16: small and quick.
ExperimentConfig small_config(std::int64_t epochs = 3, std::int64_t samples = 200);

/// Polls a session as a window does and keeps all that came.
class SessionDriver {
  public:
    explicit SessionDriver(Session& session) : session_(session) {}

    /// Polls until `enough` says so; false after `seconds`.
    bool until(const std::function<bool()>& enough, double seconds = 20);
    bool until_finished(double seconds = 60);
    /// Until the run of that role has this state.
    bool until_state(Role role, RunState state, double seconds = 20);
    bool until_step(Role role, std::int64_t step, double seconds = 20);
    void poll();

    /// The newest record of that role; id 0 if there is none.
    RunRecord run(Role role) const;
    /// Points of a run's series as they came through the feed.
    const std::vector<MetricPoint>& points(RunId run, const std::string& series) const;

    std::map<std::pair<RunId, std::string>, std::vector<MetricPoint>> series;
    std::vector<RunEvent> events;
    std::vector<Error> errors;
    std::vector<std::string> notes;
    std::vector<Error> saving_stopped;
    int saving_went_on = 0;
    std::optional<double> seconds_since_save;
    std::map<RunId, RunRecord> runs;
    std::optional<RunProgress> progress;
    AnswersSnapshotPtr answers;
    int finished = 0;

  private:
    Session& session_;
};

/// Every series of a run as the document has it: what two equal runs have in common to the bit.
std::map<std::string, std::vector<MetricPoint>> all_points(const Session& session, RunId run);

} // namespace limbeck::test
