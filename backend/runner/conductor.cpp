// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/conductor.h"

#include <algorithm>
#include <utility>

#include "backend/answers/answer_wish.h"
#include "backend/data/data.h"
#include "backend/runner/answer_key.h"
#include "backend/runner/guarded.h"
#include "backend/runner/run_loop.h"
#include "backend/runner/task_builder.h"
#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

std::string titled(const RunRecord& run) {
    return "run " + std::to_string(run.id) + " (" + run.name + ")";
}

} // namespace

Conductor::Conductor(GroupPlan plan, EngineHost& host, std::shared_ptr<Mailbox> mailbox,
                     std::shared_ptr<FeedBoard> board, std::shared_ptr<DatasetCache> cache)
    : plan_(std::move(plan))
    , host_(host)
    , mailbox_(std::move(mailbox))
    , board_(std::move(board))
    , cache_(std::move(cache)) {}

bool Conductor::withdraw() {
    const std::lock_guard lock(mutex_);
    if (life_ != Life::waiting) return life_ == Life::withdrawn;
    life_ = Life::withdrawn;
    return true;
}

void Conductor::wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return life_ == Life::done || life_ == Life::withdrawn; });
}

void Conductor::conduct(const Result<Engine*>& engine) {
    {
        const std::lock_guard lock(mutex_);
        if (life_ != Life::waiting) return;
        life_ = Life::begun;
    }
    host_.on_probe([this] { commands_.nudge(); });
    mailbox_->on_hold([this] { commands_.nudge(); });
    const auto done = guarded("Conducting the runs", [&] { return conduct_all(engine); });
    if (!done) fail(current_, done.error());
    mailbox_->on_hold({});
    host_.on_probe({});
    // Changes that came too late for any step: their events say that they changed nothing.
    for (const Order& order : commands_.take()) {
        if (const auto* change = std::get_if<DurableChange>(&order)) {
            RunEvent event = change->event;
            event.to = event.from;
            mailbox_->post(EventMail{event, false});
        }
    }
    stage_ = {};
    mailbox_->post(GroupEndMail{plan_.group});
    {
        const std::lock_guard lock(mutex_);
        life_ = Life::done;
        ended_.notify_all(); // under the lock: who waited may destroy this at once
    }
}

void Conductor::fail(std::size_t index, const Error& error) {
    if (index >= plan_.runs.size()) return board_->error(error);
    const RunRecord& record = plan_.runs[index].record;
    RunStatus status;
    status.run = record.id;
    status.step = record.step;
    status.total_steps = record.total_steps;
    status.epoch = record.epoch;
    status.total_epochs = record.total_epochs;
    status.device = record.device;
    status.threads = record.threads;
    status.dataset_fingerprint = record.dataset_fingerprint;
    status.seconds = record.seconds;
    if (error.kind == ErrorKind::cancelled) {
        status.state = RunState::stopped; // an outcome of its own, not a failure
    } else {
        status.state = RunState::failed;
        status.error = error.message;
        Error told = error;
        told.message = "The " + titled(record) + " failed. " + error.message;
        board_->error(std::move(told));
    }
    mailbox_->post(status, true);
}

Result<void> Conductor::conduct_all(const Result<Engine*>& engine) {
    if (!engine) return tl::unexpected(engine.error());
    stage_.engine = *engine;
    stage_.host = &host_;
    stage_.mailbox = mailbox_.get();
    stage_.board = board_.get();
    stage_.commands = &commands_;
    stage_.meter = &meter_;
    stage_.runs = &plan_.runs;
    if (auto done = load_data(); !done) return done;
    plan_progress();
    if (auto fits = check_terms(); !fits) return fits;
    if (auto fits = check_answers(); !fits) return fits;
    if (auto fits = check_later_runs(); !fits) return fits;
    for (current_ = 0; current_ < plan_.runs.size(); ++current_) {
        const auto more = conduct_run(current_);
        if (!more) return tl::unexpected(more.error());
        if (!*more) break;
    }
    return {};
}

Result<void> Conductor::load_data() {
    const DataConfig& config = plan_.runs.front().record.config.data;
    if (cache_->dataset && cache_->config == config && config.dataset.path.empty()) {
        stage_.dataset = cache_->dataset;
        return {};
    }
    cache_->dataset.reset(); // two at once may be too many
    board_->note("Preparing the data: " + to_string(config.dataset) + " …");
    auto loaded = guarded("Loading the data set " + to_string(config.dataset), [&] {
        return load_dataset(config, plan_.base, [this] { return !commands_.stop_asked(); });
    });
    if (!loaded) return tl::unexpected(loaded.error());
    stage_.dataset = std::move(*loaded);
    if (config.dataset.path.empty()) *cache_ = {config, stage_.dataset};
    return {};
}

void Conductor::plan_progress() {
    std::vector<ProgressMeter::RunSize> sizes;
    for (const PlannedRun& run : plan_.runs) {
        const OptimizationConfig& how = optimization_of(run.record.config, run.record.role);
        const std::int64_t epochs = total_epochs(run.record.config, run.record.role);
        const auto samples = static_cast<std::int64_t>(stage_.dataset->train.size());
        const std::int64_t batch = how.batch_size < 1 ? 1 : how.batch_size;
        const std::int64_t steps = epochs * ((samples + batch - 1) / batch);
        sizes.push_back({steps, run.record.step, epochs + 1, 0});
    }
    meter_.begin_group(std::move(sizes));
}

/// The teachers' weights for a task, once it is sure that they and the student alone have seen these data.
Result<void> Conductor::add_teachers(const PlannedRun& run, TrainingTask& task) const {
    const std::string& data = stage_.dataset->fingerprint;
    const std::string& baseline = plan_.baseline_fingerprint;
    if (run.record.role == Role::student && !baseline.empty() && baseline != data) {
        return failure(ErrorKind::data,
                       "The kept run of the student alone was trained on other data: the files of " +
                           stage_.dataset->name +
                           " have changed since. Restore them, or remove that run, so that "
                           "a new one is trained.",
                       "data.dataset");
    }
    const std::size_t expected = task.teacher ? 1 + task.more_teachers.size() : 0;
    for (std::size_t i = 0; i < expected; ++i) {
        if (i >= run.teachers.size() || !run.teachers[i].weights) {
            return failure(ErrorKind::internal,
                           "Preparing the " + titled(run.record) + ": its teacher's weights are not there.");
        }
        const PlannedTeacher& teacher = run.teachers[i];
        if (!teacher.fingerprint.empty() && teacher.fingerprint != data) {
            return failure(ErrorKind::data,
                           "The kept teacher was trained on other data: the files of " +
                               stage_.dataset->name + " have changed since (fingerprint " +
                               teacher.fingerprint.substr(0, 12) + " then, " + data.substr(0, 12) +
                               " now). Restore them, or remove the teacher's run, "
                               "so that a new one is trained.",
                           "data.dataset");
        }
        (i == 0 ? task.teacher_weights : task.more_teachers[i - 1].weights) = *teacher.weights;
    }
    return {};
}

Result<TrainingTask> Conductor::task_of(const PlannedRun& run) const {
    TrainingTask task = build_task(run.record.config, run.record.role, run.record.stage);
    if (run.epochs > 0) task.optimization.epochs = run.epochs;
    if (auto done = add_teachers(run, task); !done) return tl::unexpected(done.error());
    if (auto named = name_answers(task, *stage_.dataset, host_.answers_folder()); !named)
        return tl::unexpected(named.error());
    // A resumed run takes its weights from the checkpoint: the file may be gone.
    if (!task.network.weights.empty() && !run.from) {
        auto weights = read_weights_file(task.network, plan_.base);
        if (!weights) return tl::unexpected(weights.error());
        task.initial_weights = std::move(*weights);
    }
    return task;
}

/// Terms whose taps do not fit together are refused before a teacher is trained for them.
Result<void> Conductor::check_terms() {
    for (std::size_t i = 0; i < plan_.runs.size(); ++i) {
        const RunRecord& record = plan_.runs[i].record;
        if (!is_taught(record.role)) continue;
        const TrainingTask task = build_task(record.config, record.role, record.stage);
        const bool features = std::any_of(task.terms.begin(), task.terms.end(), [](const TermSpec& term) {
            const ObjectiveEntry* entry = find_objective(term.id);
            return entry && entry->group == ObjectiveGroup::features;
        });
        if (!features || !task.teacher) continue;
        current_ = i; // whom an error is about
        const Dataset& data = *stage_.dataset;
        const auto needs = guarded("Looking at the terms of the " + titled(record), [&] {
            return stage_.engine->term_needs(
                {task.network, *task.teacher, data.input, data.classes(), data.size(), task.terms});
        });
        if (!needs) return tl::unexpected(needs.error());
        for (const TermNeeds& each : *needs)
            if (!each.problem.empty())
                return failure(ErrorKind::configuration, each.problem, "distillation.terms");
    }
    return {};
}

/// Answers that must be kept but cannot be are refused before a teacher is trained that gives them.
Result<void> Conductor::check_answers() {
    for (std::size_t i = 0; i < plan_.runs.size(); ++i) {
        const RunRecord& record = plan_.runs[i].record;
        if (!is_taught(record.role)) continue;
        current_ = i; // whom an error is about
        const TrainingTask task = build_task(record.config, record.role, record.stage);
        AnswerWish wish = answer_wish(task, *stage_.dataset);
        wish.folder = host_.answers_folder().string();
        const auto plan = plan_answers(wish);
        if (!plan) return tl::unexpected(plan.error());
    }
    return {};
}

/// A teacher that does not fit, or a student that does not fit into memory, is found before hours go into
/// the runs before it; so far as its teachers are there.
Result<void> Conductor::check_later_runs() {
    for (std::size_t i = 1; i < plan_.runs.size(); ++i) {
        const PlannedRun& run = plan_.runs[i];
        const bool known = std::all_of(run.teachers.begin(), run.teachers.end(),
                                       [](const PlannedTeacher& teacher) { return !teacher.from; });
        if (!is_taught(run.record.role) || !known) continue;
        current_ = i; // whom an error is about
        const auto task = task_of(run);
        if (!task) return tl::unexpected(task.error());
        const auto job = guarded("Preparing the " + titled(run.record),
                                 [&] { return stage_.engine->prepare(*task, stage_.dataset); });
        if (!job) return tl::unexpected(job.error());
    }
    return {};
}

/// Gives the weights of a run that is done to those that it teaches, and lets go of its own teachers'.
void Conductor::hand_on(std::size_t index, const std::shared_ptr<const TensorMap>& weights) {
    for (PlannedRun& later : plan_.runs) {
        for (PlannedTeacher& teacher : later.teachers) {
            if (teacher.from != index) continue;
            teacher.weights = weights;
            teacher.fingerprint = stage_.dataset->fingerprint;
        }
    }
    plan_.runs[index].teachers.clear();
}

/// Whether the next run of the group may follow.
Result<bool> Conductor::conduct_run(std::size_t index) {
    PlannedRun& run = plan_.runs[index];
    const std::string& data = stage_.dataset->fingerprint;
    if (!run.record.dataset_fingerprint.empty() && run.record.dataset_fingerprint != data) {
        return failure(ErrorKind::data,
                       "The data are not those that this run was trained on: " + stage_.dataset->name +
                           " has the fingerprint " + data.substr(0, 12) + ", it was " +
                           run.record.dataset_fingerprint.substr(0, 12) +
                           ". Restore the files, or start the experiment anew.",
                       "data.dataset");
    }
    run.record.dataset_fingerprint = data;
    run.record.threads = stage_.engine->info().threads;
    const std::int64_t wanted = run.record.config.training.threads;
    if (wanted > 0 && wanted != run.record.threads) {
        board_->note("The configuration asks for " + std::to_string(wanted) +
                     " threads; the engine was started with " + std::to_string(run.record.threads) +
                     " and keeps them until Limbeck is started again.");
    }
    auto task = task_of(run);
    if (!task) return tl::unexpected(task.error());
    if (commands_.stop_asked()) return failure(ErrorKind::cancelled, "Stopped before the first step.");

    auto job = guarded("Preparing the " + titled(run.record),
                       [&] { return stage_.engine->prepare(*task, stage_.dataset); });
    task = {}; // the engine has what it needs of the weights
    if (!job) return tl::unexpected(job.error());

    RunLoop loop(stage_, run, index, **job);
    const auto end = loop.run();
    const RunStatus& status = loop.status(); // what a failure's record says
    run.record.step = status.step;
    run.record.total_steps = status.total_steps;
    run.record.epoch = status.epoch;
    run.record.total_epochs = status.total_epochs;
    run.record.device = status.device;
    run.record.seconds = status.seconds;
    if (!end) return tl::unexpected(end.error());
    if (*end == RunLoop::End::stopped) return false;
    if (*end == RunLoop::End::extended) {
        job->reset(); // one network at a time
        return conduct_run(index);
    }
    hand_on(index, loop.weights());
    return true;
}

} // namespace limbeck
