// SPDX-License-Identifier: GPL-3.0-or-later
// Changes by hand: which run they are for, whether they may be, and how they become durable.
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

} // namespace

RunBook* Ledger::target_of(const std::string& key) {
    for (auto& [run, its] : books_) {
        if (its.ended()) continue;
        // The learning rate is that of whatever is being trained; the distillation is the student's, whenever
        // it comes.
        if (key == learning_rate_key || its.record.role == Role::student) return &its;
    }
    return nullptr;
}

/// Refuses the second of the two weights to become 0: the loss would be 0, and nothing would be learned.
Result<void> Ledger::leaves_a_loss(const RunRecord& run, const SetLive& change) {
    const bool hard = change.key == hard_weight_key;
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
    RunBook* its = target_of(change.key);
    const std::string label((*field)->label);
    if (!its) {
        return board_->error(Error{ErrorKind::usage,
                                   label + " was not changed: no run that it could act on is under way.",
                                   change.key,
                                   {}});
    }

    if (auto learns = leaves_a_loss(its->record, change); !learns) return board_->error(learns.error());

    RunEvent event;
    event.run = its->record.id;
    event.what = change.key;
    event.to = change.value;
    event.time = now_utc();
    event.from = value_in(its->record.config, **field); // the training thread knows better and mends it
    const bool queued = its->record.state == RunState::queued;
    // The training thread says at which step it was applied. Should the process die before that, then this is
    // where a resumed run applies it: never before its checkpoint, because that came through here too.
    event.step = queued ? 0 : its->record.step;
    RunRecord record = its->record;
    if (queued && record.role == Role::student) (void)(*field)->set(record.config, FieldValue(change.value));

    auto written = project_->transaction([&]() -> Result<void> {
        auto id = project_->add_event(event);
        if (!id) return tl::unexpected(id.error());
        event.id = *id;
        return queued ? project_->update_run(record) : Result<void>();
    });
    if (!written) {
        Error error = written.error();
        error.message = label + " was not changed, because the change could not be saved: " + error.message;
        return board_->error(std::move(error));
    }
    if (queued) {
        its->record = record;
        tell(*its);
    }
    commands.push(DurableChange{event}, number);
}

} // namespace limbeck
