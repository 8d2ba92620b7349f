// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/mailbox.h"

#include <utility>

namespace limbeck {

void Mailbox::on_urgent(std::function<void()> ring) {
    const std::lock_guard lock(ring_mutex_);
    ring_ = std::move(ring);
}

void Mailbox::on_hold(std::function<void()> listener) {
    const std::lock_guard lock(hold_mutex_);
    hold_listener_ = std::move(listener);
}

void Mailbox::hold(bool held) {
    if (held_.exchange(held, std::memory_order_acq_rel) == held) return;
    const std::lock_guard lock(hold_mutex_);
    if (hold_listener_) hold_listener_();
}

void Mailbox::ring() {
    const std::lock_guard lock(ring_mutex_);
    if (ring_) ring_();
}

void Mailbox::post_rows(RunId run, const SeriesNames& names, bool evaluation,
                        const std::vector<std::int64_t>& steps, const std::vector<double>& values) {
    if (steps.empty()) return;
    const std::lock_guard lock(mutex_);
    auto* last = mail_.empty() ? nullptr : std::get_if<RowsMail>(&mail_.back());
    if (!last || last->run != run || last->names != names || last->evaluation != evaluation) {
        mail_.emplace_back(RowsMail{run, names, evaluation, {}, {}});
        last = &std::get<RowsMail>(mail_.back());
    }
    last->steps.insert(last->steps.end(), steps.begin(), steps.end());
    last->values.insert(last->values.end(), values.begin(), values.end());
}

void Mailbox::post(CheckpointMail checkpoint) {
    std::vector<CheckpointMail> replaced; // freed after the lock is given back
    const std::lock_guard lock(mutex_);
    for (Mail& mail : mail_) {
        auto* waiting = std::get_if<CheckpointMail>(&mail);
        if (waiting && waiting->weights && waiting->run == checkpoint.run &&
            waiting->kind == checkpoint.kind) {
            replaced.push_back(std::exchange(*waiting, CheckpointMail{}));
        }
    }
    mail_.emplace_back(std::move(checkpoint));
}

void Mailbox::post(RunStatus status, bool urgent) {
    {
        const std::lock_guard lock(mutex_);
        mail_.emplace_back(std::move(status));
    }
    if (urgent) ring();
}

void Mailbox::post(EventMail event) {
    {
        const std::lock_guard lock(mutex_);
        mail_.emplace_back(std::move(event));
    }
    ring();
}

void Mailbox::post(GroupEndMail end) {
    {
        const std::lock_guard lock(mutex_);
        mail_.emplace_back(end);
    }
    ring();
}

std::vector<Mail> Mailbox::take() {
    std::vector<Mail> taken;
    const std::lock_guard lock(mutex_);
    taken.swap(mail_);
    return taken;
}

} // namespace limbeck
