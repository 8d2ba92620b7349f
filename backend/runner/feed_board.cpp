// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/feed_board.h"

#include <algorithm>

namespace limbeck {

namespace {

constexpr std::size_t most_messages = 200; // errors or notes that nobody fetched: the newest are kept

template <class T>
void keep(std::vector<T>& list, T value) {
    if (list.size() >= most_messages) list.erase(list.begin());
    list.push_back(std::move(value));
}

} // namespace

FeedBoard::FeedBoard(std::function<void()> wake) : wake_(std::move(wake)) {}

void FeedBoard::changed() {
    {
        const std::lock_guard lock(mutex_);
        if (woken_) return;
        woken_ = true;
    }
    const std::lock_guard lock(wake_mutex_);
    if (wake_) wake_();
}

void FeedBoard::silence() {
    const std::lock_guard lock(wake_mutex_);
    wake_ = {};
}

void FeedBoard::points(RunId run, const std::string& series, std::span<const MetricPoint> points) {
    if (points.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        auto& list = series_[{run, series}];
        list.insert(list.end(), points.begin(), points.end());
    }
    changed();
}

void FeedBoard::event(const RunEvent& event) {
    {
        const std::lock_guard lock(mutex_);
        feed_.events.push_back(event);
    }
    changed();
}

void FeedBoard::run(const RunRecord& record) {
    {
        const std::lock_guard lock(mutex_);
        runs_[record.id] = record;
    }
    changed();
}

void FeedBoard::progress(const RunProgress& progress) {
    {
        const std::lock_guard lock(mutex_);
        feed_.progress = progress;
    }
    changed();
}

void FeedBoard::answers(AnswersSnapshotPtr answers) {
    {
        const std::lock_guard lock(mutex_);
        feed_.answers.swap(answers); // the old one is freed after the lock
    }
    changed();
}

void FeedBoard::error(Error error) {
    {
        const std::lock_guard lock(mutex_);
        keep(feed_.errors, std::move(error));
    }
    changed();
}

void FeedBoard::note(std::string note) {
    {
        const std::lock_guard lock(mutex_);
        keep(feed_.notes, std::move(note));
    }
    changed();
}

void FeedBoard::saved() {
    const std::lock_guard lock(mutex_);
    saved_at_ = Clock::now();
}

void FeedBoard::saving_stopped(Error why) {
    {
        const std::lock_guard lock(mutex_);
        feed_.saving_stopped = std::move(why);
        feed_.saving_goes_on = false;
    }
    changed();
}

void FeedBoard::saving_goes_on() {
    {
        const std::lock_guard lock(mutex_);
        feed_.saving_stopped.reset(); // of a fault that was over before anybody looked
        feed_.saving_goes_on = true;
    }
    changed();
}

void FeedBoard::finished() {
    {
        const std::lock_guard lock(mutex_);
        feed_.finished = true;
    }
    changed();
}

void FeedBoard::looked_again(bool rewound) {
    {
        const std::lock_guard lock(mutex_);
        feed_.looked_again = true;
        feed_.rewound = feed_.rewound || rewound;
    }
    changed();
}

Feed FeedBoard::take(std::size_t most_points) {
    Feed taken;
    bool more = false;
    {
        const std::lock_guard lock(mutex_);
        woken_ = false;
        std::size_t room = most_points;
        for (auto entry = series_.begin(); entry != series_.end() && room > 0;) {
            auto& [key, list] = *entry;
            const std::size_t count = std::min(room, list.size());
            room -= count;
            if (count == list.size()) {
                taken.series.push_back({key.first, key.second, std::move(list)});
                entry = series_.erase(entry);
            } else {
                const auto middle = list.begin() + static_cast<std::ptrdiff_t>(count);
                taken.series.push_back({key.first, key.second, {list.begin(), middle}});
                list.erase(list.begin(), middle);
            }
        }
        more = !series_.empty();
        taken.events = std::exchange(feed_.events, {});
        for (auto& [id, record] : std::exchange(runs_, {}))
            taken.runs.push_back(std::move(record));
        taken.progress = std::exchange(feed_.progress, std::nullopt);
        taken.answers = std::exchange(feed_.answers, nullptr);
        taken.errors = std::exchange(feed_.errors, {});
        taken.notes = std::exchange(feed_.notes, {});
        taken.looked_again = std::exchange(feed_.looked_again, false);
        taken.rewound = std::exchange(feed_.rewound, false);
        taken.saving_stopped = std::exchange(feed_.saving_stopped, std::nullopt);
        taken.saving_goes_on = std::exchange(feed_.saving_goes_on, false);
        // The end is told when the last point has been.
        if (!more) taken.finished = std::exchange(feed_.finished, false);
        if (saved_at_) taken.seconds_since_save = seconds_between(*saved_at_, Clock::now());
    }
    if (more) changed();
    return taken;
}

} // namespace limbeck
