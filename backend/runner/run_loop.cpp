// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/run_loop.h"

#include <algorithm>
#include <utility>

#include "backend/runner/guarded.h"
#include "backend/runner/task_builder.h"

namespace limbeck {

RunLoop::RunLoop(Stage& stage, PlannedRun& run, std::size_t index, TrainingJob& job)
    : stage_(stage)
    , run_(run)
    , index_(index)
    , job_(job)
    , checkpoint_seconds_(run.record.config.training.checkpoint_minutes * 60) {
    const RunRecord& record = run_.record;
    status_.run = record.id;
    status_.step = record.step;
    status_.total_steps = record.total_steps;
    status_.epoch = record.epoch;
    status_.total_epochs = record.total_epochs;
    status_.threads = record.threads;
    status_.seconds = record.seconds;
    status_.dataset_fingerprint = record.dataset_fingerprint;
}

Result<RunLoop::End> RunLoop::run() {
    const std::string doing =
        "Training the run " + std::to_string(run_.record.id) + " (" + run_.record.name + ")";
    auto begun = guarded(doing, [this] { return begin(); });
    if (!begun) return tl::unexpected(begun.error());
    auto end = guarded(doing, [this] { return loop(); });
    if (!end) {
        if (end.error().kind == ErrorKind::memory || end.error().kind == ErrorKind::internal) {
            // A library's own words say little to people without the place where it happened.
            end.error().message = "At step " + std::to_string(status_.step + 1) + ": " + end.error().message;
        }
        save_last_good();
    }
    return end;
}

Result<void> RunLoop::begin() {
    const auto names = job_.step_series();
    step_names_ = std::make_shared<const std::vector<std::string>>(names.begin(), names.end());
    status_.device = job_.device();
    status_.total_steps = job_.total_steps();
    status_.steps_per_epoch = std::max<std::int64_t>(job_.steps_per_epoch(), 1);
    const ExperimentConfig& config = run_.record.config;
    const Role role = run_.record.role;
    phases_ = phases_of(config, role);
    status_.total_epochs =
        run_.epochs > 0 ? run_.epochs + initial_epochs(config, role) : total_epochs(config, role);
    if (run_.from) {
        ResumePoint& from = *run_.from;
        if (auto done = job_.restore(from.weights, from.state); !done) return done;
        if (job_.steps_done() != from.step) {
            return failure(ErrorKind::document, "Going on from the checkpoint of step " +
                                                    std::to_string(from.step) + ": its state says step " +
                                                    std::to_string(job_.steps_done()) +
                                                    ". Repeat the run from its start instead.");
        }
        from.weights = {};
        from.state = {};
        best_ = from.best;
        // Another device may round a close call the other way: the teacher is the same, its accuracy is not.
        if (status_.device == run_.record.device) teacher_accuracy_ = from.teacher_accuracy;
        if (from.evaluated) evaluated_step_ = from.step;
    }
    status_.step = job_.steps_done();
    status_.epoch = status_.step / status_.steps_per_epoch;
    stage_.meter->begin_run(index_, {status_.total_steps, status_.step, status_.total_epochs + 1,
                                     evaluated_step_ < 0 ? 0 : status_.epoch + 1});
    last_checkpoint_ = Clock::now();
    tell_notes();
    set_state(RunState::running);
    return {};
}

void RunLoop::tell_notes() {
    for (std::string& note : job_.take_notes())
        stage_.board->note(std::move(note));
}

Result<RunLoop::End> RunLoop::loop() {
    while (true) {
        if (auto done = evaluate_if_due(); !done) {
            if (done.error().kind != ErrorKind::cancelled || !stage_.commands->stop_asked()) {
                return tl::unexpected(done.error());
            }
            stopped_ = true;
        }
        replay();
        if (extended_ && !stopped_) {
            if (auto done = hand_back(); !done) return tl::unexpected(done.error());
            return End::extended;
        }
        stage_.host->serve_probes(0.02);
        if (!stage_.commands->empty()) {
            if (auto done = obey(stage_.commands->take()); !done) return tl::unexpected(done.error());
        }
        finished_ = status_.step >= status_.total_steps;
        if (!stopped_ && !finished_ && (stage_.paused || stage_.mailbox->held())) {
            if (auto done = wait_in_pause(); !done) return tl::unexpected(done.error());
        }
        if (stopped_ || finished_) break;
        if (auto done = one_step(); !done) return tl::unexpected(done.error());
    }
    if (auto done = drain(true); !done) return tl::unexpected(done.error());
    if (!stopped_) {
        if (auto done = finish(); done)
            return End::finished;
        else if (done.error().kind != ErrorKind::cancelled)
            return tl::unexpected(done.error());
    } else if (auto done = checkpoint(false); !done) {
        return tl::unexpected(done.error());
    }
    set_state(RunState::stopped);
    return End::stopped;
}

Result<void> RunLoop::one_step() {
    const auto begin = Clock::now();
    const auto outcome = job_.step();
    if (!outcome) return tl::unexpected(outcome.error());
    status_.step = outcome->step;
    status_.epoch = outcome->epoch;
    if (auto done = drain(outcome->epoch_finished || outcome->finished || stage_.paused); !done) return done;
    const auto end = Clock::now();
    const double seconds = seconds_between(begin, end);
    status_.seconds += seconds;
    stage_.meter->step(outcome->samples, seconds);
    if (single_steps_ > 0) --single_steps_;
    const bool due = checkpoint_seconds_ > 0 && seconds_between(last_checkpoint_, end) >= checkpoint_seconds_;
    if (due && !outcome->epoch_finished && !outcome->finished) {
        if (auto done = drain(true); !done) return done;
        if (auto done = checkpoint(false); !done) return done;
    }
    if (outcome->epoch_finished || outcome->finished) tell_notes();
    tell(stage_.paused);
    return {};
}

Result<void> RunLoop::drain(bool wait) {
    auto rows = job_.drain(wait);
    if (!rows) return tl::unexpected(rows.error());
    const auto bad = rows->first_bad_step;
    if (bad) {
        // What was computed from the bad step on is no training: the weights did not move.
        const auto first =
            std::find_if(rows->steps.begin(), rows->steps.end(), [&](auto step) { return step >= *bad; });
        rows->steps.erase(first, rows->steps.end());
        rows->values.resize(rows->steps.size() * step_names_->size());
    }
    stage_.mailbox->post_rows(status_.run, step_names_, false, rows->steps, rows->values);
    if (!bad) return {};
    bad_step_ = bad;
    return failure(
        ErrorKind::numeric,
        "The loss or a gradient was not finite at step " + std::to_string(*bad) + "; the weights of step " +
            std::to_string(*bad - 1) + " are kept. Try a lower learning rate, or a longer warm-up.",
        run_.record.role == Role::teacher ? "teacher.training.learning_rate" : "training.learning_rate");
}

void RunLoop::set_state(RunState state) {
    status_.state = state;
    tell(true);
}

std::string RunLoop::phase() const {
    if (status_.steps_per_epoch < 1 || status_.step >= status_.total_steps) return {};
    const double epoch = static_cast<double>(status_.step) / static_cast<double>(status_.steps_per_epoch);
    for (const Phase& phase : phases_)
        if (epoch >= phase.first_epoch && epoch < phase.last_epoch) return phase.name;
    return {};
}

void RunLoop::tell(bool now) {
    const auto time = Clock::now();
    if (!now && seconds_between(last_told_, time) < 0.1) return;
    last_told_ = time;
    RunProgress progress;
    progress.run = status_.run;
    progress.role = run_.record.role;
    progress.state = status_.state;
    progress.step = status_.step;
    progress.total_steps = status_.total_steps;
    progress.epoch = status_.epoch;
    progress.total_epochs = status_.total_epochs;
    progress.phase = phase();
    progress.samples_per_second = stage_.meter->samples_per_second();
    progress.seconds_left = stage_.meter->seconds_left();
    progress.group_fraction = stage_.meter->fraction();
    stage_.board->progress(progress);
    if (!now && seconds_between(last_record_, time) < 0.5) return;
    last_record_ = time;
    stage_.mailbox->post(status_, now);
}

} // namespace limbeck
