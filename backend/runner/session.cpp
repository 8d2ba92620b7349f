// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/session.h"

#include <utility>

#include "backend/runner/conductor.h"
#include "backend/runner/recorder.h"
#include "backend/types/fields.h"

namespace limbeck {

struct Session::State {
    std::shared_ptr<EngineHost> host;
    std::shared_ptr<FeedBoard> board;
    std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
    std::shared_ptr<Mirror> mirror = std::make_shared<Mirror>();
    std::shared_ptr<DatasetCache> cache = std::make_shared<DatasetCache>();
    std::filesystem::path folder;
    bool read_only = false;
    std::shared_ptr<Conductor> conductor; ///< of the group that is on, or was last
    std::unique_ptr<Recorder> recorder;

    Result<GroupId> launch(std::string_view doing, const std::function<Result<GroupPlan>(Project&)>& make);
};

namespace {

Result<void> refuse_read_only(const std::string& doing) {
    return failure(ErrorKind::document,
                   doing + ": this project was opened for viewing only. Save it elsewhere, or "
                           "open it where nobody else writes it.");
}

} // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}

namespace {

/// The parts of a session, wired up around an open project.
template <class State>
Result<std::unique_ptr<State>> assemble(std::unique_ptr<Project> project, std::shared_ptr<EngineHost> host,
                                        std::function<void()> wake, SessionOptions options) {
    auto state = std::make_unique<State>();
    state->host = std::move(host);
    state->board = std::make_shared<FeedBoard>(std::move(wake));
    state->folder = project->folder();
    state->read_only = project->access() == Project::Access::view;
    for (std::string& notice : project->notices())
        state->board->note(std::move(notice));
    auto ledger = std::make_unique<Ledger>(std::move(project), state->board, state->mirror, options);
    if (auto done = ledger->read_all(); !done) return tl::unexpected(done.error());
    state->recorder = std::make_unique<Recorder>(std::move(ledger), state->mailbox, options);
    return state;
}

} // namespace

Result<std::unique_ptr<Session>> Session::create(const std::filesystem::path& folder,
                                                 const ExperimentConfig& config,
                                                 std::shared_ptr<EngineHost> host, std::function<void()> wake,
                                                 SessionOptions options) {
    auto project = Project::create(folder, config);
    if (!project) return tl::unexpected(project.error());
    auto state = assemble<State>(std::move(*project), std::move(host), std::move(wake), options);
    if (!state) return tl::unexpected(state.error());
    return std::unique_ptr<Session>(new Session(std::move(*state)));
}

Result<std::unique_ptr<Session>> Session::open(const std::filesystem::path& path, Project::Access access,
                                               std::shared_ptr<EngineHost> host, std::function<void()> wake,
                                               SessionOptions options) {
    auto project = Project::open(path, access);
    if (!project) return tl::unexpected(project.error());
    auto state = assemble<State>(std::move(*project), std::move(host), std::move(wake), options);
    if (!state) return tl::unexpected(state.error());
    return std::unique_ptr<Session>(new Session(std::move(*state)));
}

Session::~Session() {
    if (Conductor* conductor = state_->conductor.get(); conductor && !conductor->withdraw()) {
        conductor->commands().push(Stop{}, conductor->commands().draw());
        conductor->wait();
    }
    state_->board->silence();
    state_->recorder.reset();
}

const std::filesystem::path& Session::folder() const {
    return state_->folder;
}

bool Session::read_only() const {
    return state_->read_only;
}

std::vector<Project::Finding> Session::damage() const {
    return state_->mirror->damage();
}

// --- experiments
// -----------------------------------------------------------------------------------------------

Result<GroupId> Session::State::launch(std::string_view doing,
                                       const std::function<Result<GroupPlan>(Project&)>& make) {
    if (read_only) {
        const auto refused = refuse_read_only(std::string(doing));
        return tl::unexpected(refused.error());
    }
    if (mirror->running) {
        return failure(ErrorKind::usage, std::string(doing) +
                                             ": a run is on in this project. Stop it first, or wait "
                                             "for its end.");
    }
    auto plan = recorder->call(doing, [&](Ledger& ledger) -> Result<GroupPlan> {
        auto made = make(ledger.project());
        if (!made) return made;
        for (const PlannedRun& run : made->runs) {
            ledger.adopt(run.record, run.from ? run.from->thinners : ThinnerStates{});
        }
        ledger.mirror().running = true;
        return made;
    });
    if (!plan) return tl::unexpected(plan.error());

    for (const std::string& note : plan->notes)
        board->note(note);
    if (!host->ready())
        board->note("Loading LibTorch …");
    else if (host->busy())
        board->note("Waiting for the run of another project to end.");
    const GroupId group = plan->group;
    conductor = std::make_shared<Conductor>(std::move(*plan), *host, mailbox, board, cache);
    host->post([conductor = conductor](Result<Engine*> engine) { conductor->conduct(engine); });
    return group;
}

Result<GroupId> Session::start(const ExperimentConfig& config) {
    if (auto valid = require_valid(config); !valid) return tl::unexpected(valid.error());
    return state_->launch("Starting the experiment",
                          [&](Project& project) { return plan_start(project, config); });
}

Result<GroupId> Session::resume(std::optional<RunId> run, std::optional<std::int64_t> epochs) {
    return state_->launch("Resuming", [&](Project& project) { return plan_resume(project, run, epochs); });
}

Result<GroupId> Session::repeat(RunId run) {
    return state_->launch("Repeating run " + std::to_string(run),
                          [&](Project& project) { return plan_repeat(project, run); });
}

bool Session::running() const {
    return state_->mirror->running;
}

void Session::send(const Command& command) {
    auto conductor = state_->conductor;
    if (!conductor || !running()) return;
    Recorder& recorder = *state_->recorder;
    CommandQueue& commands = conductor->commands();
    const std::uint64_t number = commands.draw();
    const auto behind_changes = [&](std::function<void(Ledger&)> job) {
        ++recorder.changes_waiting;
        recorder.post([&recorder, job = std::move(job)](Ledger& ledger) {
            (void)guarded("Changing the run", [&]() -> Result<void> {
                job(ledger);
                return {};
            });
            --recorder.changes_waiting;
        });
    };
    if (const auto* change = std::get_if<SetLive>(&command)) {
        behind_changes([conductor, change = *change, number](Ledger& ledger) {
            ledger.change(change, conductor->commands(), number);
        });
        return;
    }
    if (std::holds_alternative<Stop>(command) && conductor->withdraw()) {
        state_->mailbox->post(GroupEndMail{}); // nothing has begun: the runs stay queued, to be resumed
        return;
    }
    const Order order = std::visit(
        [](const auto& one) -> Order {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, SetLive>)
                return DurableChange{};
            else
                return one;
        },
        command);
    // What lets the run go on stays behind the changes that were asked for before it; what halts it does not
    // wait.
    const bool goes_on = std::holds_alternative<Resume>(command) || std::holds_alternative<StepOnce>(command);
    if (goes_on && recorder.changes_waiting > 0) {
        behind_changes([conductor, order, number](Ledger&) { conductor->commands().push(order, number); });
    } else {
        commands.push(order, number);
    }
}

void Session::look_again() {
    if (!state_->read_only) return;
    state_->recorder->post([](Ledger& ledger) {
        const auto looked =
            guarded("Looking at the project again", [&]() -> Result<void> { return ledger.look_again(); });
        if (!looked) ledger.board().error(looked.error());
    });
}

void Session::retry_saving() {
    state_->recorder->retry();
}

void Session::give_up_saving() {
    state_->recorder->give_up();
}

Feed Session::poll() {
    return state_->board->take();
}

// --- the document
// ----------------------------------------------------------------------------------------------

ExperimentConfig Session::config() const {
    return state_->mirror->config();
}

Result<void> Session::save_config(const ExperimentConfig& config) {
    return state_->recorder->call("Saving the configuration", [&](Ledger& ledger) -> Result<void> {
        if (auto done = ledger.project().save_config(config); !done) return done;
        if (const auto trouble = ledger.project().take_trouble()) ledger.board().note(*trouble);
        ledger.mirror().set_config(config);
        ledger.board().saved();
        return {};
    });
}

std::vector<RunRecord> Session::runs() const {
    if (state_->read_only) { // somebody else may be writing it
        (void)state_->recorder->call("Reading the runs", [](Ledger& ledger) { return ledger.read_all(); });
    }
    return state_->mirror->runs();
}

RunSummary Session::summary(RunId run) const {
    return state_->mirror->summary(run);
}

Result<std::vector<RunEvent>> Session::events(RunId run) const {
    return state_->recorder->call("Reading the events", [&](Ledger& ledger) -> Result<std::vector<RunEvent>> {
        return ledger.events(run);
    });
}

Result<std::vector<std::string>> Session::series_of(RunId run) const {
    return state_->recorder->call("Reading the curves",
                                  [&](Ledger& ledger) { return ledger.series_of(run); });
}

Result<std::vector<MetricPoint>> Session::points(RunId run, std::string_view series) const {
    return state_->recorder->call("Reading the curves",
                                  [&](Ledger& ledger) { return ledger.points(run, std::string(series)); });
}

Result<TensorMap> Session::weights(RunId run, std::string_view kind) const {
    return state_->recorder->call("Reading the weights", [&](Ledger& ledger) -> Result<TensorMap> {
        auto checkpoint = ledger.project().checkpoint(run, kind);
        if (!checkpoint) return tl::unexpected(checkpoint.error());
        if (!*checkpoint) {
            const auto left_out = ledger.project().left_out();
            if (!left_out) return tl::unexpected(left_out.error());
            return failure(ErrorKind::document,
                           "The run " + std::to_string(run) + " has no \"" + std::string(kind) +
                               "\" weights" +
                               (run <= left_out->weights_to
                                    ? ": the archive that this project came from was made without them."
                                    : " yet: none were saved before it ended."));
        }
        return ledger.project().object((*checkpoint)->weights);
    });
}

Result<void> Session::remove_run(RunId run) {
    if (state_->read_only) return refuse_read_only("Removing the run");
    return state_->recorder->call("Removing the run", [&](Ledger& ledger) -> Result<void> {
        if (ledger.is_on(run)) {
            return failure(ErrorKind::usage, "The run " + std::to_string(run) +
                                                 " belongs to the group that is on. Stop it first.");
        }
        if (auto done = ledger.project().remove_run(run); !done) return done;
        ledger.mirror().remove(run);
        return {};
    });
}

Result<void> Session::rename_run(RunId run, std::string_view name) {
    if (state_->read_only) return refuse_read_only("Renaming the run");
    return state_->recorder->call("Renaming the run", [&](Ledger& ledger) -> Result<void> {
        auto record = ledger.project().run(run);
        if (!record) return tl::unexpected(record.error());
        record->name = name;
        return ledger.write_record(std::move(*record));
    });
}

Result<void> Session::save_as(const std::filesystem::path& folder) {
    auto saved = state_->recorder->call("Saving the project in " + folder.string(),
                                        [&](Ledger& ledger) -> Result<std::filesystem::path> {
                                            if (auto done = ledger.move_to(folder); !done) {
                                                return tl::unexpected(done.error());
                                            }
                                            return ledger.project().folder();
                                        });
    if (!saved) return tl::unexpected(saved.error());
    state_->folder = *saved;
    state_->read_only = false;
    state_->board->saved();
    return {};
}

Result<void> Session::write_archive(const std::filesystem::path& file, const ArchiveOptions& options,
                                    const ArchiveProgress& progress) {
    Recorder& recorder = *state_->recorder;
    auto draft = recorder.call("Archiving the project", [&](Ledger& ledger) -> Result<ArchiveDraft> {
        if (!state_->read_only) {
            if (auto done = ledger.flush(); !done) return tl::unexpected(done.error());
        }
        auto taken = ArchiveDraft::take(ledger.project(), file);
        if (taken) ledger.hold_objects();
        return taken;
    });
    if (!draft) return tl::unexpected(draft.error());
    auto written = draft->write(options, progress);
    recorder.post([](Ledger& ledger) { ledger.let_objects_go(); });
    return written;
}

} // namespace limbeck
