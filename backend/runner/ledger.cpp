// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/ledger.h"

#include <algorithm>

#include "backend/runner/teacher_links.h"

namespace limbeck {

namespace {

/// Bytes of a run's kept checkpoints.
std::int64_t kept_budget(const RunBook& book) {
    constexpr std::int64_t megabyte = 1'000'000;
    return book.record.config.training.keep_budget * megabyte;
}

std::int64_t bytes_of(const TensorMap& map) {
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : map.tensors)
        bytes += tensor.bytes.size();
    return static_cast<std::int64_t>(bytes);
}

} // namespace

Ledger::Ledger(std::unique_ptr<Project> project, std::shared_ptr<FeedBoard> board,
               std::shared_ptr<Mirror> mirror, SessionOptions options)
    : project_(std::move(project)), board_(std::move(board)), mirror_(std::move(mirror)), options_(options) {}

Result<void> Ledger::read_all() {
    auto damage = project_->damage();
    auto config = project_->config();
    if (!config) {
        // Viewed without it: the runs have theirs.
        if (damage.empty() || project_->access() == Project::Access::write)
            return tl::unexpected(config.error());
        config = ExperimentConfig{};
    }
    const auto runs = project_->runs();
    if (!runs) return tl::unexpected(runs.error());
    mirror_->clear_runs();
    mirror_->set_config(*config);
    for (const RunRecord& run : *runs) {
        const auto summary = summary_of(run.id);
        // A damaged curve takes its own numbers along, not the project.
        if (!summary) damage.push_back({"run " + std::to_string(run.id), summary.error().message});
        mirror_->set_summary(run.id, summary.value_or(RunSummary{}));
        mirror_->set_run(run);
    }
    mirror_->set_damage(std::move(damage));
    return {};
}

void Ledger::adopt(const RunRecord& record, ThinnerStates thinners) {
    books_.erase(record.id);
    const auto entry =
        books_.emplace(record.id, RunBook(record, std::move(thinners), options_.points_per_series));
    tell(entry.first->second);
}

void Ledger::release() {
    books_.clear();
}

RunBook* Ledger::book(RunId run) {
    const auto found = books_.find(run);
    return found == books_.end() ? nullptr : &found->second;
}

void Ledger::tell(const RunBook& book) {
    mirror_->set_run(book.record);
    board_->run(book.record);
}

void Ledger::take(std::vector<Mail> mail) {
    for (Mail& one : mail) {
        if (auto* rows = std::get_if<RowsMail>(&one)) {
            take_rows(*rows);
        } else if (auto* checkpoint = std::get_if<CheckpointMail>(&one)) {
            if (checkpoint->weights) take_checkpoint(std::move(*checkpoint));
        } else if (auto* status = std::get_if<RunStatus>(&one)) {
            if (RunBook* its = book(status->run)) {
                if (its->record.state != status->state) urgent_ = true;
                its->take(*status);
                tell(*its);
            }
        } else if (auto* event = std::get_if<EventMail>(&one)) {
            take_event(*event);
        } else {
            group_ended_ = urgent_ = true;
        }
    }
}

void Ledger::take_rows(const RowsMail& rows) {
    RunBook* its = book(rows.run);
    if (!its) return;
    std::map<std::string, std::vector<MetricPoint>> fresh;
    its->take(rows, fresh);
    for (const auto& [series, points] : fresh)
        board_->points(rows.run, series, points);
}

void Ledger::take_checkpoint(CheckpointMail checkpoint) {
    RunBook* its = book(checkpoint.run);
    if (!its) return;
    if (checkpoint.whole) {
        std::map<std::string, std::vector<MetricPoint>> fresh;
        its->finish(fresh);
        for (const auto& [series, points] : fresh)
            board_->points(checkpoint.run, series, points);
    }
    const bool kept = is_kept_kind(checkpoint.kind);
    const auto key = std::make_pair(checkpoint.run, checkpoint.kind);
    checkpoints_[key] = Waiting{std::move(checkpoint), its->thinner_states()};
    if (kept) limit_waiting(*its);
}

/// A disk that is slower than the epochs: those that would be removed at once are not written at all.
void Ledger::limit_waiting(const RunBook& book) {
    std::vector<decltype(checkpoints_)::iterator> kept;
    for (auto entry = checkpoints_.begin(); entry != checkpoints_.end(); ++entry)
        if (entry->first.first == book.record.id && is_kept_kind(entry->first.second)) kept.push_back(entry);
    std::sort(kept.begin(), kept.end(), [](const auto& one, const auto& other) {
        return one->second.mail.step > other->second.mail.step;
    });
    std::int64_t room = kept_budget(book);
    for (const auto& entry : kept) {
        room -= bytes_of(*entry->second.mail.weights) + bytes_of(entry->second.mail.state);
        if (room < 0) checkpoints_.erase(entry);
    }
}

void Ledger::take_event(const EventMail& mail) {
    event_updates_.push_back(mail.event);
    if (mail.applied) board_->event(mail.event);
    urgent_ = true;
}

bool Ledger::dirty() const {
    if (group_ended_ || !checkpoints_.empty() || !event_updates_.empty()) return true;
    return std::any_of(books_.begin(), books_.end(), [](const auto& entry) {
        return entry.second.dirty || !entry.second.unwritten.empty();
    });
}

Result<void> Ledger::flush() {
    if (!dirty()) return {};
    if (auto done = flush_points(); !done) return done;
    for (auto entry = checkpoints_.begin(); entry != checkpoints_.end(); entry = checkpoints_.erase(entry)) {
        if (auto done = write_checkpoint(entry->second); !done) return done;
    }
    if (auto done = flush_records(); !done) return done;
    refresh_summaries();
    if (const auto trouble = project_->take_trouble()) board_->note(*trouble);
    urgent_ = false;
    board_->saved();
    // All is saved by now: where the tidying fails, it is done later.
    const bool untidy =
        objects_held_ == 0 && (replaced_checkpoints_ >= 8 || (group_ended_ && replaced_checkpoints_ > 0));
    if (untidy && project_->remove_orphans()) replaced_checkpoints_ = 0;
    if (group_ended_) end_group();
    return {};
}

Result<void> Ledger::flush_points() {
    auto written = project_->transaction([this]() -> Result<void> {
        for (auto& [run, its] : books_) {
            for (const auto& [series, points] : its.unwritten) {
                if (auto done = project_->append_points(run, series, points); !done) return done;
            }
        }
        return {};
    });
    if (!written) return written;
    for (auto& [run, its] : books_) {
        its.unwritten.clear();
        its.saved_step = its.record.step;
    }
    return {};
}

Result<RunSummary> Ledger::summary_of(RunId run) const {
    auto summary = project_->summary(run);
    if (!summary) return summary;
    // Points know steps; which epoch the best one was, the best weights know.
    const auto best = project_->checkpoint(run, "best");
    if (best && *best) summary->best_epoch = (*best)->epoch;
    return summary;
}

void Ledger::refresh_summaries() {
    for (auto& [run, its] : books_) {
        if (!std::exchange(its.summary_is_old, false)) continue;
        if (const auto summary = summary_of(run)) mirror_->set_summary(run, *summary);
        board_->run(its.record); // so that the front asks for the summary again
    }
}

Result<void> Ledger::write_checkpoint(Waiting& waiting) {
    const CheckpointMail& mail = waiting.mail;
    CheckpointRecord record{mail.run, mail.kind, mail.step, mail.epoch, {}, {}};
    auto weights = project_->put_object(*mail.weights);
    if (!weights) return tl::unexpected(weights.error());
    record.weights = *weights;
    if (!mail.state.tensors.empty() || !mail.state.metadata.empty()) {
        TensorMap& state = waiting.mail.state;
        put_thinners(state, waiting.thinners);
        auto stored = project_->put_object(state);
        if (!stored) return tl::unexpected(stored.error());
        record.state = *stored;
    }
    if (auto done = project_->put_checkpoint(record); !done) return done;
    if (RunBook* its = book(mail.run); its && is_kept_kind(mail.kind)) {
        if (auto done = project_->limit_kept(mail.run, kept_budget(*its)); !done) return done;
    }
    ++replaced_checkpoints_;
    if (RunBook* its = book(mail.run); its && mail.kind == "last") its->checkpoint_step = mail.step;
    if (mail.whole) hand_on_weights(mail.run, record.weights);
    return {};
}

void Ledger::hand_on_weights(RunId teacher, const std::string& weights) {
    for (auto& [run, its] : books_) {
        if (!limbeck::hand_on_weights(its.record, teacher, weights)) continue;
        its.dirty = true;
        tell(its);
    }
}

Result<void> Ledger::flush_records() {
    auto written = project_->transaction([this]() -> Result<void> {
        for (const RunEvent& event : event_updates_) {
            if (auto done = project_->update_event(event); !done) return done;
        }
        for (const auto& [run, its] : books_) {
            if (!its.dirty) continue;
            if (auto done = project_->update_run(its.record); !done) return done;
        }
        return {};
    });
    if (!written) return written;
    event_updates_.clear();
    for (auto& [run, its] : books_)
        its.dirty = false;
    return {};
}

void Ledger::end_group() {
    group_ended_ = false;
    release();
    mirror_->running = false;
    board_->finished();
}

Result<void> Ledger::write_record(RunRecord record) {
    if (RunBook* its = book(record.id)) {
        its->record.name = record.name;
        record = its->record;
    }
    if (auto done = project_->update_run(record); !done) return done;
    mirror_->set_run(record);
    board_->run(record);
    return {};
}

} // namespace limbeck
