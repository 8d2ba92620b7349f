// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "backend/project/project.h"
#include "backend/runner/command_queue.h"
#include "backend/runner/feed_board.h"
#include "backend/runner/mailbox.h"
#include "backend/runner/mirror.h"
#include "backend/runner/run_book.h"
#include "backend/runner/session.h"
#include "backend/types/fields.h"

namespace limbeck {

/// The store thread's desk: the document, what is to be written into it, and who is told. Only that thread
/// touches it. Writing goes in this order, so that a process killed anywhere leaves a document that can be
/// resumed: points, then the checkpoint that comes after them, then the records that call the run finished.
class Ledger {
  public:
    Ledger(std::unique_ptr<Project> project, std::shared_ptr<FeedBoard> board, std::shared_ptr<Mirror> mirror,
           SessionOptions options);

    Project& project() { return *project_; }

    Mirror& mirror() { return *mirror_; }

    FeedBoard& board() { return *board_; }

    /// Reads configuration, runs and summaries into the mirror.
    Result<void> read_all();

    /// Of a project that another process writes: what is new since goes to the mirror and the board.
    Result<void> look_again();

    /// The run is on from now, or queued: its rows and records go through here.
    void adopt(const RunRecord& record, ThinnerStates thinners = {});
    /// No group is on any more; what is queued stays in the document alone.
    void release();

    void take(std::vector<Mail> mail);
    /// Makes a change durable as an event of the run that it is for, then sends it to the training thread. A
    /// refusal goes to the board.
    void change(const SetLive& change, CommandQueue& commands, std::uint64_t number);

    /// Writes all that waits; what could not be written keeps waiting.
    Result<void> flush();
    Result<void> flush_points();
    Result<void> flush_records();
    /// Lets go of what could not be saved, and of the group, which is over.
    void give_up();
    /// What would be lost by that, in a sentence for each run; empty if nothing.
    std::string unsaved() const;

    bool group_ended() const { return group_ended_; }

    // What the document has of a run, and what waits to be written into it.
    Result<std::vector<std::string>> series_of(RunId run);
    Result<std::vector<MetricPoint>> points(RunId run, const std::string& series);
    Result<std::vector<RunEvent>> events(RunId run);

    /// There is something to write; `urgent`: people or the training thread wait for it.
    bool dirty() const;

    bool urgent() const { return urgent_; }

    bool active() const { return !books_.empty(); }

    /// A record changed by the front (its name): also in the books if it is on.
    Result<void> write_record(RunRecord record);

    bool is_on(RunId run) const { return books_.contains(run); }

    /// Until let_objects_go() no object is removed: somebody else reads them. May be nested.
    void hold_objects() { ++objects_held_; }

    void let_objects_go() { --objects_held_; }

    /// Goes on in a copy of the project.
    Result<void> move_to(const std::filesystem::path& folder);

  private:
    struct Waiting {
        CheckpointMail mail;
        ThinnerStates thinners;
    };

    void take_rows(const RowsMail& rows);
    void take_checkpoint(CheckpointMail checkpoint);
    void limit_waiting(const RunBook& book);
    void take_event(const EventMail& mail);
    void tell(const RunBook& book);
    RunBook* book(RunId run);
    Result<void> leaves_a_loss(const RunRecord& run, const SetLive& change);
    std::vector<RunBook*> targets_of(const std::string& key);
    Result<RunEvent> make_durable(const SetLive& change, const Field& field, RunBook& target);
    Result<void> write_checkpoint(Waiting& waiting);
    void hand_on_weights(RunId teacher, const std::string& weights);
    void end_group();
    Result<RunSummary> summary_of(RunId run) const;
    Result<void> look_at_points(RunId run);
    void refresh_summaries();

    std::unique_ptr<Project> project_;
    std::shared_ptr<FeedBoard> board_;
    std::shared_ptr<Mirror> mirror_;
    SessionOptions options_;

    std::map<RunId, RunBook> books_;
    std::map<std::pair<RunId, std::string>, Waiting> checkpoints_;
    std::vector<RunEvent> event_updates_;
    std::map<std::pair<RunId, std::string>, std::int64_t> seen_; ///< last steps that look_again() found
    bool urgent_ = false, group_ended_ = false;
    int replaced_checkpoints_ = 0, objects_held_ = 0;
};

/// Paths of a configuration that are relative to `from` made relative to `to` (a project that was saved
/// elsewhere). True if there were any.
bool rebase_paths(ExperimentConfig& config, const std::filesystem::path& from,
                  const std::filesystem::path& to);

} // namespace limbeck
