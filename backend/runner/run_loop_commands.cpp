// SPDX-License-Identifier: GPL-3.0-or-later
// What is done between two steps because somebody asked for it, now or in the run that this one repeats.
#include "backend/runner/run_loop.h"
#include "backend/types/fields.h"

namespace limbeck {

void RunLoop::replay() {
    auto& events = run_.replay;
    while (!extended_ && replayed_ < events.size() && events[replayed_].step <= status_.step) {
        const RunEvent& event = events[replayed_++];
        if (event.what == epochs_key) {
            // The schedule is the job's from its start: another length needs another job.
            run_.epochs = static_cast<std::int64_t>(event.to);
            extended_ = true;
            stage_.mailbox->post(EventMail{event, true});
        } else {
            apply(event, /*by_hand=*/false);
        }
    }
}

Result<void> RunLoop::hand_back() {
    if (auto done = drain(true); !done) return done;
    auto weights = job_.weights();
    if (!weights) return tl::unexpected(weights.error());
    auto state = job_.state();
    if (!state) return tl::unexpected(state.error());
    ResumePoint from;
    from.step = status_.step;
    from.weights = std::move(*weights);
    from.state = std::move(*state);
    from.evaluated = evaluated_step_ == status_.step;
    from.tested_step = run_.from ? run_.from->tested_step : -1;
    from.best = best_;
    from.teacher_accuracy = teacher_accuracy_;
    run_.from = std::move(from);
    run_.replay.erase(run_.replay.begin(), run_.replay.begin() + static_cast<std::ptrdiff_t>(replayed_));
    return {};
}

Result<void> RunLoop::obey(std::vector<Order> orders) {
    for (const Order& order : orders) {
        if (std::holds_alternative<Pause>(order)) {
            stage_.paused = true;
        } else if (std::holds_alternative<Resume>(order)) {
            stage_.paused = false;
            single_steps_ = 0;
        } else if (std::holds_alternative<StepOnce>(order)) {
            stage_.paused = true; // one step from a run that is going on: it pauses after it
            ++single_steps_;
        } else if (std::holds_alternative<Stop>(order)) {
            stopped_ = true;
        } else if (const auto* change = std::get_if<DurableChange>(&order)) {
            if (change->event.run == status_.run)
                apply(change->event, /*by_hand=*/true);
            else
                apply_elsewhere(change->event);
        } else if (stopped_) {
            continue; // what follows would keep a stop waiting
        } else if (std::holds_alternative<CheckpointNow>(order)) {
            if (auto done = drain(true); !done) return done;
            if (auto done = checkpoint(false); !done) return done;
        } else {
            if (auto done = drain(true); !done) return done;
            auto done = evaluate();
            if (!done && !(done.error().kind == ErrorKind::cancelled && stage_.commands->stop_asked()))
                return done;
        }
    }
    return {};
}

/// Somebody paused the run, or what it makes cannot be saved. Not even a single step is made then: it would
/// wait in memory like those before it.
bool RunLoop::must_wait() const {
    return stage_.mailbox->held() || (stage_.paused && single_steps_ == 0);
}

Result<void> RunLoop::wait_in_pause() {
    if (auto done = drain(true); !done) return done;
    if (status_.state != RunState::paused) set_state(RunState::paused);
    while (must_wait() && !stopped_) {
        auto orders = stage_.commands->wait();
        if (auto done = obey(std::move(orders)); !done) return done;
        stage_.host->serve_probes(0.2);
    }
    if (!stage_.paused && !stopped_) set_state(RunState::running);
    return {};
}

void RunLoop::apply(const RunEvent& durable, bool by_hand) {
    RunEvent event = durable;
    const auto before = job_.live(event.what);
    const auto done = job_.set_live(event.what, event.to);
    if (by_hand) {
        event.step = status_.step;
        if (before) event.from = *before;
    }
    if (done) return stage_.mailbox->post(EventMail{event, true});
    Error error = done.error();
    error.message = event.what + " was not changed: " + error.message;
    stage_.board->error(std::move(error));
    event.to = event.from; // the event says that nothing changed
    stage_.mailbox->post(EventMail{event, false});
}

void RunLoop::apply_elsewhere(const RunEvent& durable) {
    RunEvent event = durable;
    for (std::size_t i = index_ + 1; i < stage_.runs->size(); ++i) {
        PlannedRun& later = (*stage_.runs)[i];
        if (later.record.id != event.run) continue;
        const Field* field = find_field(event.what);
        if (is_taught(later.record.role) && field)
            (void)field->set(later.record.config, FieldValue(event.to));
        event.step = later.from ? later.from->step : 0;
        later.replay.push_back(event); // applied, and told, before its first step
        return;
    }
    event.to = event.from; // that run has come to its end in the meantime
    stage_.mailbox->post(EventMail{event, false});
    stage_.board->error(Error{ErrorKind::usage,
                              event.what + " was not changed: the run that it was meant for has just ended.",
                              event.what,
                              {}});
}

} // namespace limbeck
