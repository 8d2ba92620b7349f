// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/error.h"
#include "backend/types/run.h"
#include "backend/types/tensor_map.h"

/// The document: a folder with `project.limbeck` (SQLite, the only authority) and `objects/`.
/// One Project is one connection; use it from one thread at a time. Every call reports errors as
/// values that name the file and what to do.
namespace limbeck {

inline constexpr std::string_view project_file_name = "project.limbeck";

/// A whole file of tensors named by a row of the project.
struct CheckpointRecord {
    RunId run = 0;
    std::string kind; ///< "last" | "best" | "epoch-N": one that is kept
    std::int64_t step = 0, epoch = 0;
    std::string weights; ///< sha-256 of objects
    std::string state;   ///< empty for "best"
};

/// What the archive that a project was unpacked from left out (archive.h).
struct LeftOut {
    RunId weights_to = 0; ///< runs up to this one came without their weights; 0: none
    bool data_references = false;
};

/// "epoch-12", a checkpoint that stays when newer ones are made.
std::string kept_kind(std::int64_t epoch);
bool is_kept_kind(std::string_view kind);

class Project {
  public:
    enum class Access { write, view };

    /// Something that is not as it should be: in which row, file or run, and what.
    struct Finding {
        std::string where, what;
    };

    /// Makes FOLDER (which must not exist or be empty) with this configuration.
    static Result<std::unique_ptr<Project>> create(const std::filesystem::path& folder,
                                                   const ExperimentConfig& config);
    /// Opens a folder or its project.limbeck. `write` takes the project's lock (one writer at a
    /// time, refused with the holder's name and process); `view` changes no byte but SQLite's -shm.
    /// A newer schema and a file that is not a project are refused in words. A damaged project opens for
    /// viewing with all that reads whole (see damage()); where pages or settings are damaged it is not opened
    /// for writing. Damaged rows alone are no hindrance: they are never replaced or removed, and what would
    /// do so fails. An older format is brought to this one on a copy; the old file stays beside it.
    static Result<std::unique_ptr<Project>> open(const std::filesystem::path& path, Access access);
    ~Project(); ///< back to one file (no -wal) when this was the writer

    Project(const Project&) = delete;
    Project& operator=(const Project&) = delete;

    const std::filesystem::path& folder() const;
    Access access() const;
    /// A viewer that reads a copy made when it was opened (a writer that had written nothing yet, a read-only
    /// folder with a log): what is written since, only another opening sees.
    bool reads_a_copy() const;

    Result<ExperimentConfig> config() const;
    Result<void> save_config(const ExperimentConfig& config);

    // --- runs -------------------------------------------------------------------------------------
    /// All runs, oldest first. A run left running or paused by a dead process reads `interrupted`.
    /// Damaged ones are left out; damage() names them.
    Result<std::vector<RunRecord>> runs() const;
    Result<RunRecord> run(RunId id) const;
    Result<GroupId> next_group() const;
    Result<RunId> add_run(const RunRecord& record); ///< `id` is ignored and given back
    Result<void> update_run(const RunRecord& record);
    Result<void> remove_run(RunId id); ///< with its metrics and events; objects stay until compact

    // --- metrics ----------------------------------------------------------------------------------
    /// Points in steps' order, after those already there. Kept in chunks of 1,024; a part-filled last
    /// chunk is rewritten.
    Result<void> append_points(RunId run, std::string_view series, std::span<const MetricPoint> points);
    Result<std::vector<std::string>> series_of(RunId run) const;
    Result<std::vector<MetricPoint>> points(RunId run, std::string_view series) const;
    /// Those of later steps than `step`; reads no more than it must.
    Result<std::vector<MetricPoint>> points_after(RunId run, std::string_view series,
                                                  std::int64_t step) const;
    Result<std::optional<MetricPoint>> last_point(RunId run, std::string_view series) const;
    /// Drops points and events with a step greater than `step` (resume goes on from there).
    Result<void> truncate_points(RunId run, std::int64_t step);
    Result<RunSummary> summary(RunId run) const;

    // --- events -----------------------------------------------------------------------------------
    Result<std::int64_t> add_event(const RunEvent& event); ///< durable when this returns
    Result<void> update_event(const RunEvent& event);
    Result<std::vector<RunEvent>> events(RunId run) const; ///< by step, then id

    // --- weights and states -----------------------------------------------------------------------
    /// Written temp → fsync → rename → fsync folder; the name is the content's SHA-256.
    Result<std::string> put_object(const TensorMap& tensors);
    Result<TensorMap> object(std::string_view sha256) const;
    Result<void> put_checkpoint(const CheckpointRecord& record); ///< replaces the run's same kind
    Result<std::optional<CheckpointRecord>> checkpoint(RunId run, std::string_view kind) const;
    Result<std::vector<CheckpointRecord>> checkpoints(RunId run) const; ///< by step
    /// Removes a run's kept checkpoints, the oldest first, until the rest take at most `bytes`.
    Result<void> limit_kept(RunId run, std::int64_t bytes);
    /// Removes objects that no row names; gives the bytes won back.
    Result<std::int64_t> remove_orphans();
    /// Takes the write-ahead log into the database and empties it, which a full disk may want: it stands at
    /// the largest size that it once had. Without effect where that cannot be done now.
    void give_back_log() noexcept;

    // --- the whole --------------------------------------------------------------------------------
    /// Runs several writes as one transaction; rolled back when `work` fails.
    Result<void> transaction(const std::function<Result<void>()>& work);
    /// A whole, consistent copy into a folder that must not exist or be empty; `progress` gets
    /// 0..1. The copy is opened by the caller.
    Result<void> copy_to(const std::filesystem::path& folder,
                         const std::function<void(double)>& progress = {}) const;

    /// What the opening found damaged, in short words: what is left out, or cannot be read. Points are looked
    /// at only when they are read; verify() looks at everything.
    std::vector<Finding> damage() const;
    /// What a person should know about the place of the project (on a network), once.
    std::vector<std::string> notices() const;

    struct RepairReport {
        bool changed = false;       ///< false: nothing was to be repaired, or nothing can be
        std::filesystem::path kept; ///< the old database, under a dated name beside the new one
        std::int64_t rows = 0;      ///< that read whole, or were put right
        std::vector<Finding> rebuilt, lost;
    };

    /// Builds a new database from all that reads whole, checks it and puts it in the place of the old one,
    /// which is kept; no file is removed. Fails when somebody writes the project, when a newer Limbeck wrote
    /// it, and when nothing of it reads.
    static Result<RepairReport> repair(const std::filesystem::path& path);

    /// Every CRC and SHA-256. Empty if all is well.
    Result<std::vector<Finding>> verify() const;
    /// What is no damage and need not be there: objects that nobody names, files of killed programs, logs
    /// left behind, databases that migrations and repairs kept.
    Result<std::vector<Finding>> remains() const;

    Result<LeftOut> left_out() const;

    /// Why project.json (format.md) could not be written, once each time that this begins. It is a copy for
    /// people: nothing is lost.
    std::optional<std::string> take_trouble();

  private:
    friend class ArchiveDraft;
    struct State;
    explicit Project(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace limbeck
