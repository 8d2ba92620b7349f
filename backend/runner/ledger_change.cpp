// SPDX-License-Identifier: GPL-3.0-or-later
// Changes by hand: which run they are for, whether they may be, and how they become durable.
#include <algorithm>
#include <cmath>

#include "backend/runner/clock.h"
#include "backend/runner/ledger.h"
#include "backend/types/fields.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

constexpr std::string_view learning_rate_key = "training.learning_rate";
constexpr std::string_view hard_weight_key = "distillation.hard_weight";
constexpr std::string_view soft_weight_key = "distillation.soft_weight";

/// The field if it may be changed to that value while a run is on, else why not.
Result<const Field*> allowed(const SetLive& change) {
    const Field* field = find_field(change.key);
    if (!field) {
        return failure(ErrorKind::usage, "There is no setting \"" + change.key + "\"; the nearest is \"" +
                                             std::string(nearest_key(change.key)) + "\".");
    }
    const std::string label(field->label);
    if (!field->live) {
        return failure(ErrorKind::usage, label + " was not changed: it cannot change while a run is on.",
                       change.key);
    }
    if (!std::isfinite(change.value) || change.value < field->minimum || change.value > field->maximum) {
        return failure(ErrorKind::configuration,
                       label + " was not changed: it must lie between " + number_text(field->minimum) +
                           " and " + number_text(field->maximum) + ", not " + number_text(change.value) +
                           ". The run goes on as it was.",
                       change.key);
    }
    return field;
}

double value_in(const ExperimentConfig& config, const Field& field) {
    const FieldValue value = field.get(config);
    const auto* number = std::get_if<double>(&value);
    return number ? *number : 0;
}

/// A run that has not begun has the new value from its start.
bool changes_config(const RunRecord& run) {
    return run.state == RunState::queued && is_taught(run.role);
}

} // namespace

/// The learning rate is that of whatever is being trained. The distillation is the experiment's: it changes
/// for every assistant and student that is on or yet to come.
std::vector<RunBook*> Ledger::targets_of(const std::string& key) {
    std::vector<RunBook*> targets;
    for (auto& [run, its] : books_) {
        if (its.ended()) continue;
        if (key == learning_rate_key) return {&its};
        if (is_taught(its.record.role)) targets.push_back(&its);
    }
    return targets;
}

/// Refuses the last of the weights to become 0: the loss would be 0, and nothing would be learned.
Result<void> Ledger::leaves_a_loss(const RunRecord& run, const SetLive& change) {
    const bool hard = change.key == hard_weight_key;
    const DistillationConfig& distillation = run.config.distillation;
    if (hard && change.value != 0 && distillation.scheme == "mixup") {
        return failure(ErrorKind::configuration,
                       "Labels was not changed: mixed pictures have no label, so its weight stays 0. The run "
                       "goes on as it was.",
                       change.key);
    }
    if (std::any_of(distillation.terms.begin(), distillation.terms.end(),
                    [](const TermConfig& term) { return term.weight > 0; }))
        return {};
    if (change.value != 0 || (!hard && change.key != soft_weight_key)) return {};
    const Field* other = find_field(hard ? soft_weight_key : hard_weight_key);
    double weight = value_in(run.config, *other);
    const auto events = project_->events(run.id);
    if (!events) return tl::unexpected(events.error());
    for (const RunEvent& event : *events)
        if (event.what == other->key) weight = event.to;
    if (weight != 0) return {};
    return failure(ErrorKind::configuration,
                   std::string(find_field(change.key)->label) +
                       " was not changed: the weights of labels and teacher would both be 0, so nothing "
                       "would be learned. The run goes on as it was.",
                   change.key);
}

void Ledger::change(const SetLive& change, CommandQueue& commands, std::uint64_t number) {
    const auto field = allowed(change);
    if (!field) return board_->error(field.error());
    const std::vector<RunBook*> targets = targets_of(change.key);
    const std::string label((*field)->label);
    if (targets.empty()) {
        return board_->error(Error{ErrorKind::usage,
                                   label + " was not changed: no run that it could act on is under way.",
                                   change.key,
                                   {}});
    }
    for (const RunBook* its : targets)
        if (auto learns = leaves_a_loss(its->record, change); !learns) return board_->error(learns.error());

    std::vector<RunEvent> events;
    auto written = project_->transaction([&]() -> Result<void> {
        for (RunBook* its : targets) {
            auto event = make_durable(change, **field, *its);
            if (!event) return tl::unexpected(event.error());
            events.push_back(std::move(*event));
        }
        return {};
    });
    if (!written) {
        Error error = written.error();
        error.message = label + " was not changed, because the change could not be saved: " + error.message;
        return board_->error(std::move(error));
    }
    for (RunBook* its : targets) {
        if (!changes_config(its->record)) continue;
        (void)(*field)->set(its->record.config, FieldValue(change.value));
        tell(*its);
    }
    for (RunEvent& event : events)
        commands.push(DurableChange{std::move(event)}, number);
}

Result<RunEvent> Ledger::make_durable(const SetLive& change, const Field& field, RunBook& target) {
    RunRecord record = target.record;
    RunEvent event;
    event.run = record.id;
    event.what = change.key;
    event.to = change.value;
    event.time = now_utc();
    event.from = value_in(record.config, field); // the training thread knows better and mends it
    // The training thread says at which step it was applied. Should the process die before that, then this is
    // where a resumed run applies it: never before its checkpoint, because that came through here too.
    event.step = record.state == RunState::queued ? 0 : record.step;
    auto id = project_->add_event(event);
    if (!id) return tl::unexpected(id.error());
    event.id = *id;
    if (!changes_config(record)) return event;
    (void)field.set(record.config, FieldValue(change.value));
    if (auto done = project_->update_run(record); !done) return tl::unexpected(done.error());
    return event;
}

} // namespace limbeck
