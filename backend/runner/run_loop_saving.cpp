// SPDX-License-Identifier: GPL-3.0-or-later
// Evaluations and checkpoints of a run.
#include <algorithm>

#include "backend/runner/guarded.h"
#include "backend/runner/run_loop.h"

namespace limbeck {

bool RunLoop::test_is_cheap() const {
    return stage_.dataset->test.size() <= 4 * stage_.dataset->validation.size();
}

Result<void> RunLoop::evaluate_if_due() {
    // At the start (so that every curve has a beginning), at the end of every epoch and at the end. By the
    // step, not by what the last step said: a run that was stopped in its evaluation makes up for it when it
    // goes on.
    const bool boundary = status_.step % status_.steps_per_epoch == 0 || status_.step >= status_.total_steps;
    if (!boundary || evaluated_step_ == status_.step) return {};
    if (auto done = evaluate(); !done) return done;
    const bool between = status_.step > 0 && status_.step < status_.total_steps;
    return between ? checkpoint(false) : Result<void>();
}

Result<void> RunLoop::evaluate_part(Part part, std::vector<std::string>& names, std::vector<double>& values) {
    if (stage_.dataset->part(part).empty()) return {};
    const auto keep_going = [this] { return !stage_.commands->stop_asked(); };
    auto evaluation = job_.evaluate(part, keep_going);
    if (!evaluation) return tl::unexpected(evaluation.error());
    const std::string_view prefix = part == Part::validation ? series::validation : series::test;
    for (const auto& [name, value] : evaluation->values) {
        names.push_back(std::string(prefix) + name);
        values.push_back(value);
    }
    if (evaluation->answers) {
        auto answers = std::make_shared<AnswersSnapshot>(*evaluation->answers);
        answers->run = status_.run; // the engine knows no runs
        answers->step = status_.step;
        answers->epoch = status_.epoch;
        stage_.board->answers(std::move(answers));
    }
    return {};
}

Result<void> RunLoop::evaluate() {
    const auto begin = Clock::now();
    std::vector<std::string> names;
    std::vector<double> values;
    if (auto done = evaluate_part(Part::validation, names, values); !done) return done;
    const std::size_t of_validation = names.size();
    if (test_is_cheap()) {
        if (auto done = evaluate_part(Part::test, names, values); !done) return done;
    }
    const double seconds = seconds_between(begin, Clock::now());
    status_.seconds += seconds;
    if (evaluated_step_ == status_.step)
        return {}; // asked for again: the answers are new, the numbers are not
    stage_.meter->evaluation(seconds);
    evaluated_step_ = status_.step;
    const auto shared = std::make_shared<const std::vector<std::string>>(std::move(names));
    stage_.mailbox->post_rows(status_.run, shared, true, {status_.step}, values);
    tell(false);
    for (std::size_t i = 0; i < of_validation; ++i) {
        const std::string_view name = std::string_view((*shared)[i]).substr(series::validation.size());
        auto done = name == series::teacher_accuracy ? check_teacher(values[i])
                    : name == series::accuracy       ? keep_best(values[i])
                                                     : Result<void>();
        if (!done) return done;
    }
    return {};
}

Result<void> RunLoop::check_teacher(double accuracy) {
    if (run_.teachers.empty()) return {}; // peers learn too: they are meant to change
    if (!teacher_accuracy_) teacher_accuracy_ = accuracy;
    if (*teacher_accuracy_ == accuracy) return {};
    return failure(ErrorKind::internal,
                   "The teacher changed while the student was trained: its accuracy on validation was " +
                       std::to_string(*teacher_accuracy_) + " at the start and is " +
                       std::to_string(accuracy) +
                       " now. It must be equal to the bit; please report this defect.");
}

Result<void> RunLoop::keep_best(double accuracy) {
    if (!(accuracy > best_.accuracy)) return {};
    auto weights = job_.weights();
    if (!weights) return tl::unexpected(weights.error());
    const auto shared = std::make_shared<const TensorMap>(std::move(*weights));
    best_ = {accuracy, status_.step, status_.epoch, test_is_cheap() ? nullptr : shared};
    CheckpointMail mail;
    mail.run = status_.run;
    mail.kind = "best";
    mail.step = status_.step;
    mail.epoch = status_.epoch;
    mail.weights = shared;
    stage_.mailbox->post(std::move(mail));
    return {};
}

Result<void> RunLoop::checkpoint(bool whole) {
    auto weights = job_.weights();
    if (!weights) return tl::unexpected(weights.error());
    auto state = job_.state();
    if (!state) return tl::unexpected(state.error());
    weights_ = std::make_shared<const TensorMap>(std::move(*weights));
    CheckpointMail mail;
    mail.run = status_.run;
    mail.kind = "last";
    mail.step = status_.step;
    mail.epoch = status_.epoch;
    mail.whole = whole;
    mail.weights = weights_;
    mail.state = std::move(*state);
    // Of a finished run the test part is counted before its weights go: it needs the best ones in their
    // place.
    auto tested = whole && !test_is_cheap() ? evaluate_test_at_end(mail.state) : Result<void>();
    mail.whole = whole && tested;
    keep(mail);
    stage_.mailbox->post(std::move(mail));
    end_saved_ = end_saved_ || whole;
    last_checkpoint_ = Clock::now();
    return tested;
}

/// Every so many epochs the checkpoint stays beside those that come after it.
void RunLoop::keep(const CheckpointMail& last) {
    const std::int64_t every = run_.record.config.training.keep_every;
    const bool due = every > 0 && last.step > 0 && last.step % (every * status_.steps_per_epoch) == 0;
    if (!due) return;
    CheckpointMail kept = last;
    kept.kind = kept_kind(last.step / status_.steps_per_epoch);
    kept.whole = false;
    stage_.mailbox->post(std::move(kept));
}

Result<void> RunLoop::evaluate_test_at_end(const TensorMap& state) {
    const auto begin = Clock::now();
    const std::int64_t tested_step = run_.from ? run_.from->tested_step : -1;
    std::vector<std::string> names;
    std::vector<double> last, best;
    if (auto done = evaluate_part(Part::test, names, last); !done) return done;
    const bool other_is_best = best_.weights && best_.step != status_.step && best_.step > tested_step;
    if (other_is_best) {
        if (auto done = job_.restore(*best_.weights, state); !done) return done;
        names.clear();
        if (auto done = evaluate_part(Part::test, names, best); !done) return done;
    }
    status_.seconds += seconds_between(begin, Clock::now());
    const auto shared = std::make_shared<const std::vector<std::string>>(std::move(names));
    if (other_is_best) stage_.mailbox->post_rows(status_.run, shared, true, {best_.step}, best);
    stage_.mailbox->post_rows(status_.run, shared, true, {status_.step}, last);
    return {};
}

Result<void> RunLoop::finish() {
    if (auto done = checkpoint(true); !done) return done;
    stage_.meter->end_run();
    set_state(RunState::finished);
    return {};
}

void RunLoop::save_last_good() {
    if (end_saved_) return; // the network may hold the best weights by now, and the last are handed over
    // Whatever failed, the weights of the last good step are worth a try; where they cannot be read (a lost
    // device) the last checkpoint stays.
    (void)guarded("Saving the last good weights", [this]() -> Result<void> {
        status_.step = bad_step_ ? *bad_step_ - 1 : job_.steps_done();
        status_.epoch = status_.step / status_.steps_per_epoch;
        return checkpoint(false);
    });
}

} // namespace limbeck
