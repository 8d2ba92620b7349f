// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/engine/engine.h"
#include "backend/project/archive.h"
#include "backend/project/project.h"
#include "backend/types/command.h"
#include "backend/types/config.h"
#include "backend/types/error.h"
#include "backend/types/run.h"
#include "backend/types/snapshot.h"

/// What the window and limbeck-cli both drive. All methods may be called from one "front" thread
/// (GUI or main) and return at once; what happened is fetched with poll().
namespace limbeck {

/// How the engine comes to be: the loader of liblimbeck_engine.so, or a fake one in tests.
/// Called on the training thread when first needed.
using EngineMaker = std::function<Result<std::unique_ptr<Engine>>()>;

/// Call first in main(), before any thread: tells OpenMP, which LibTorch computes with, to sleep and not
/// to spin while it waits. Spinning threads take the cores from the window and from each other; what the
/// environment says already is kept. A file that reaches a limit of its size becomes an error of writing
/// instead of a signal that kills. A program that has OpenMP loaded by then begins anew, as
/// itself and once.
void prepare_process();

/// Finds and dlopens liblimbeck_engine.so (beside the program, ../lib, LIMBECK_ENGINE). Nothing of
/// LibTorch is mapped before this runs.
EngineMaker engine_loader(EngineOptions options = {});

/// The process's one long-lived training thread, which owns the engine. Shared by all sessions of
/// the process; joined in its destructor (before main() returns).
class EngineHost {
  public:
    /// `answers_folder`: where teachers' answers outlive the runs (see TrainingTask); empty: nowhere.
    explicit EngineHost(EngineMaker maker, int niceness = 0, std::filesystem::path answers_folder = {});
    ~EngineHost();

    const std::filesystem::path& answers_folder() const;

    /// Queues work on the training thread; the engine is made first if there is none.
    /// `work` gets the engine or the error that loading it gave; it must not throw.
    void post(std::function<void(Result<Engine*>)> work);
    /// True while `post`ed work is waiting or running.
    bool busy() const;

    /// The engine is there: nothing needs to be loaded any more.
    bool ready() const;

    /// Queues something short (a cost, a decision map) that must not wait for a run to end: done at
    /// once when no run is on, else between two steps, also in a pause. Must not throw.
    void post_probe(std::function<void(Result<Engine*>)> work);
    /// For a run, on the training thread: does what post_probe() queued, until it is done or
    /// `seconds` have gone by.
    void serve_probes(double seconds);
    /// For a run: `listener` is called (from any thread) when a probe has come; empty: nobody.
    void on_probe(std::function<void()> listener);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Values that the front may show; later ones replace earlier ones.
struct RunProgress {
    RunId run = 0;
    Role role = Role::student;
    RunState state = RunState::queued;
    std::int64_t step = 0, total_steps = 0, epoch = 0, total_epochs = 0;
    double samples_per_second = 0; ///< over the last few seconds
    double seconds_left = -1;      ///< of the whole group; -1: not known yet
    double group_fraction = 0;     ///< 0..1 over all runs of the group
    std::string phase;             ///< of phases_of(), the one that is on; empty: none
};

struct SeriesUpdate {
    RunId run = 0;
    std::string series;
    std::vector<MetricPoint> points; ///< new ones, after those given before
};

/// What happened since the last poll().
struct Feed {
    std::vector<SeriesUpdate> series;
    std::vector<RunEvent> events; ///< applied since
    std::vector<RunRecord> runs;  ///< added or changed since, newest state
    std::optional<RunProgress> progress;
    AnswersSnapshotPtr answers;               ///< latest wins; null if none new
    std::vector<Error> errors;                ///< to be shown until dealt with
    std::vector<std::string> notes;           ///< e.g. "Loading LibTorch…", "Teacher kept from run 3"
    std::optional<double> seconds_since_save; ///< metrics and checkpoints
    /// A project that is only viewed has changed: its configuration may be another one.
    bool looked_again = false;
    /// … and runs were removed or set back to a checkpoint: all that is known of runs is to be asked anew.
    bool rewound = false;
    /// Set when saving begins to fail, and again when somebody's retry_saving() has failed: why. The run
    /// waits (its state is paused) until saving works again; what is not saved is kept in memory.
    std::optional<Error> saving_stopped;
    /// Set once when saving works again: all is saved, and a run that only waited for it goes on.
    bool saving_goes_on = false;
    bool finished = false; ///< the group that was on has come to its end, and that is saved
};

/// How a session deals with what comes in.
struct SessionOptions {
    std::int64_t points_per_series = 100'000; ///< of a run; finer is thinned to min/mean/max
    double write_seconds = 0.7;               ///< at most this far is the document behind
    double retry_seconds = 3;                 ///< between two attempts while saving fails (a full disk)
};

/// An open project with the machinery that runs experiments in it.
class Session {
  public:
    /// `wake` is called, mostly from other threads, when poll() has something new, once until poll()
    /// is called (may be empty). It must not call the session: it posts a message to the front.
    static Result<std::unique_ptr<Session>>
    create(const std::filesystem::path& folder, const ExperimentConfig& config,
           std::shared_ptr<EngineHost> host, std::function<void()> wake = {}, SessionOptions options = {});
    static Result<std::unique_ptr<Session>> open(const std::filesystem::path& path, Project::Access access,
                                                 std::shared_ptr<EngineHost> host,
                                                 std::function<void()> wake = {},
                                                 SessionOptions options = {});
    ~Session(); ///< stops what is on, saves, joins the store thread

    const std::filesystem::path& folder() const;
    bool read_only() const;
    /// What of the project is damaged and therefore left out or not readable, in short words; as it was found
    /// at the opening. Empty if all is well.
    std::vector<Project::Finding> damage() const;

    // --- the document (served by the store thread; these wait for it, a few ms) ---------------------
    ExperimentConfig config() const;
    Result<void> save_config(const ExperimentConfig& config);
    std::vector<RunRecord> runs() const;
    RunSummary summary(RunId run) const;
    Result<std::vector<RunEvent>> events(RunId run) const;
    Result<std::vector<std::string>> series_of(RunId run) const;
    Result<std::vector<MetricPoint>> points(RunId run, std::string_view series) const;
    Result<TensorMap> weights(RunId run, std::string_view kind) const; ///< of CheckpointRecord
    Result<void> remove_run(RunId run);
    Result<void> rename_run(RunId run, std::string_view name);
    /// Copies the project and goes on there (also while a run is on).
    Result<void> save_as(const std::filesystem::path& folder);
    /// Writes the project as it is now into an archive (archive.h), also while a run is on. Takes as long as
    /// the disk does, and saving goes on meanwhile: the store thread only copies the database. May be called
    /// on any thread, which must be done before the session is destroyed; `progress` is called on it.
    Result<void> write_archive(const std::filesystem::path& file, const ArchiveOptions& options,
                               const ArchiveProgress& progress = {});

    // --- experiments --------------------------------------------------------------------------------
    /// Starts a group with this configuration, the runs of lineup_of(): for the plain scheme the teacher
    /// (unless weights of an equal one are in the project or named), the student alone (if asked for and no
    /// equal one is in the project), the student. Equal assistants are kept likewise.
    /// Errors that can be known at once are returned; later ones come through poll().
    Result<GroupId> start(const ExperimentConfig& config);
    /// Goes on with an unfinished run (and what was queued after it) from its last checkpoint,
    /// replaying events after it. Without an id: the last unfinished run; none: ErrorKind::usage.
    /// A finished one needs `epochs` greater than it had.
    Result<GroupId> resume(std::optional<RunId> run, std::optional<std::int64_t> epochs = {});
    /// The same configuration and events again, as a new run.
    Result<GroupId> repeat(RunId run);
    bool running() const;
    /// Pause, stop … of the run under way; ignored when none is.
    void send(const Command& command);
    /// Tries at once to save what could not be saved, instead of at the next of the attempts that are made by
    /// themselves. What came of it is told by poll(). Does nothing while saving works.
    void retry_saving();
    /// Ends a group that was stopped, or came to its end, while saving fails: after one more attempt what is
    /// not saved is let go of, and poll() tells what that is. Without it the group stays on until all is
    /// saved.
    void give_up_saving();

    Feed poll();

    /// For a project that is only viewed: fetches what another process has written since, without waiting for
    /// it; it comes through poll(). Changes nothing.
    void look_again();

  private:
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Asks the training thread for values that the window shows; `done` is called on that thread.
void request_devices(EngineHost& host, std::function<void(Result<std::vector<DeviceInfo>>)> done);
void request_cost(EngineHost& host, const NetworkSpec& network, const InputSpec& input, std::int64_t classes,
                  std::function<void(Result<NetworkCost>)> done);

} // namespace limbeck
