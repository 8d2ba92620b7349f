// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "backend/project/project.h"
#include "backend/types/config.h"
#include "backend/types/run.h"

namespace limbeck {

/// What the front asks for all the time, kept in memory so that it never waits for a disk: the store thread
/// writes it after the document, the front reads copies.
class Mirror {
  public:
    ExperimentConfig config() const {
        const std::lock_guard lock(mutex_);
        return config_;
    }

    void set_config(const ExperimentConfig& config) {
        const std::lock_guard lock(mutex_);
        config_ = config;
    }

    /// Oldest first.
    std::vector<RunRecord> runs() const {
        const std::lock_guard lock(mutex_);
        std::vector<RunRecord> list;
        list.reserve(runs_.size());
        for (const auto& [id, record] : runs_)
            list.push_back(record);
        return list;
    }

    void set_run(const RunRecord& record) {
        const std::lock_guard lock(mutex_);
        runs_[record.id] = record;
    }

    RunSummary summary(RunId run) const {
        const std::lock_guard lock(mutex_);
        const auto found = summaries_.find(run);
        return found == summaries_.end() ? RunSummary{} : found->second;
    }

    void set_summary(RunId run, const RunSummary& summary) {
        const std::lock_guard lock(mutex_);
        summaries_[run] = summary;
    }

    void remove(RunId run) {
        const std::lock_guard lock(mutex_);
        runs_.erase(run);
        summaries_.erase(run);
    }

    void clear_runs() {
        const std::lock_guard lock(mutex_);
        runs_.clear();
        summaries_.clear();
    }

    std::vector<Project::Finding> damage() const {
        const std::lock_guard lock(mutex_);
        return damage_;
    }

    void set_damage(std::vector<Project::Finding> damage) {
        const std::lock_guard lock(mutex_);
        damage_ = std::move(damage);
    }

    /// A group is on, or its last words are not written yet.
    std::atomic<bool> running{false};

  private:
    mutable std::mutex mutex_;
    ExperimentConfig config_;
    std::vector<Project::Finding> damage_;
    std::map<RunId, RunRecord> runs_;
    std::map<RunId, RunSummary> summaries_;
};

} // namespace limbeck
