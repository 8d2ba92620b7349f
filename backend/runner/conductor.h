// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "backend/engine/engine.h"
#include "backend/runner/command_queue.h"
#include "backend/runner/feed_board.h"
#include "backend/runner/group_plan.h"
#include "backend/runner/mailbox.h"
#include "backend/runner/progress_meter.h"
#include "backend/runner/session.h"
#include "backend/types/dataset.h"

namespace limbeck {

/// The last made data set of a session: one that Limbeck makes is the same bytes every time, so runs that
/// follow each other share it. Data from files are read anew: they may have changed.
struct DatasetCache {
    DataConfig config;
    std::shared_ptr<const Dataset> dataset;
};

/// What a group's runs share on the training thread.
struct Stage {
    Engine* engine = nullptr;
    EngineHost* host = nullptr;
    Mailbox* mailbox = nullptr;
    FeedBoard* board = nullptr;
    CommandQueue* commands = nullptr;
    ProgressMeter* meter = nullptr;
    std::shared_ptr<const Dataset> dataset;
    std::vector<PlannedRun>* runs = nullptr;
    bool paused = false; ///< stays from one run to the next
};

/// Conducts one group on the training thread, from the data set to the last checkpoint.
class Conductor {
  public:
    Conductor(GroupPlan plan, EngineHost& host, std::shared_ptr<Mailbox> mailbox,
              std::shared_ptr<FeedBoard> board, std::shared_ptr<DatasetCache> cache);

    CommandQueue& commands() { return commands_; }

    /// All of it; to be posted to the host. Throws nothing.
    void conduct(const Result<Engine*>& engine);
    /// Takes the group back if it has not begun (another project's run is on): conduct() then does nothing,
    /// and the host may be gone by then. False if it has begun.
    bool withdraw();
    /// Waits until a group that has begun has come to its end.
    void wait();

  private:
    enum class Life { waiting, begun, done, withdrawn };

    Result<void> conduct_all(const Result<Engine*>& engine);
    Result<void> load_data();
    Result<void> check_terms();
    Result<void> check_answers();
    Result<void> check_later_runs();
    Result<bool> conduct_run(std::size_t index);
    Result<TrainingTask> task_of(const PlannedRun& run) const;
    Result<void> add_teachers(const PlannedRun& run, TrainingTask& task) const;
    void hand_on(std::size_t index, const std::shared_ptr<const TensorMap>& weights);
    void plan_progress();
    void fail(std::size_t index, const Error& error);

    GroupPlan plan_;
    EngineHost& host_;
    std::shared_ptr<Mailbox> mailbox_;
    std::shared_ptr<FeedBoard> board_;
    std::shared_ptr<DatasetCache> cache_;
    CommandQueue commands_;
    ProgressMeter meter_;
    Stage stage_;
    std::size_t current_ = 0;

    std::mutex mutex_;
    std::condition_variable ended_;
    Life life_ = Life::waiting;
};

} // namespace limbeck
