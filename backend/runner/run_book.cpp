// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/run_book.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "backend/runner/clock.h"

namespace limbeck {

namespace {
constexpr std::string_view thinner_key = "limbeck.thinner:";
}

void put_thinners(TensorMap& state, const ThinnerStates& thinners) {
    for (const auto& [series, text] : thinners)
        state.metadata[std::string(thinner_key) + series] = text;
}

ThinnerStates take_thinners(TensorMap& state) {
    ThinnerStates thinners;
    for (auto entry = state.metadata.begin(); entry != state.metadata.end();) {
        if (entry->first.starts_with(thinner_key)) {
            thinners[entry->first.substr(thinner_key.size())] = entry->second;
            entry = state.metadata.erase(entry);
        } else {
            ++entry;
        }
    }
    return thinners;
}

RunBook::RunBook(RunRecord its_record, ThinnerStates thinners, std::int64_t points_per_series)
    : record(std::move(its_record))
    , saved_step(record.step)
    , checkpoint_step(record.step > 0 ? record.step : -1)
    , points_per_series_(points_per_series)
    , restored_(std::move(thinners)) {}

void RunBook::collect(const std::string& series, std::vector<MetricPoint> points,
                      std::map<std::string, std::vector<MetricPoint>>& fresh) {
    if (points.empty()) return;
    auto& waiting = unwritten[series];
    waiting.insert(waiting.end(), points.begin(), points.end());
    auto& shown = fresh[series];
    shown.insert(shown.end(), points.begin(), points.end());
}

void RunBook::add(const std::string& series, bool evaluation, std::int64_t step, double value,
                  std::map<std::string, std::vector<MetricPoint>>& fresh) {
    auto found = thinners_.find(series);
    if (found == thinners_.end()) {
        // One for the evaluation before the first step, which is in no bucket with others.
        std::int64_t span = thinning_span(record.total_steps, points_per_series_ - (evaluation ? 1 : 0));
        // An evaluation an epoch, one at the start and some by hand: only absurdly many are thinned.
        if (evaluation && record.total_epochs + 16 <= points_per_series_) span = 1;
        found = thinners_.emplace(series, Thinner(span)).first;
        if (const auto text = restored_.find(series); text != restored_.end()) {
            found->second.restore(text->second);
            restored_.erase(text);
        }
    }
    std::vector<MetricPoint> points;
    found->second.add(step, value, points);
    collect(series, std::move(points), fresh);
}

void RunBook::take(const RowsMail& rows, std::map<std::string, std::vector<MetricPoint>>& fresh) {
    const std::size_t columns = rows.names->size();
    for (std::size_t column = 0; column < columns; ++column) {
        const std::string& series = (*rows.names)[column];
        for (std::size_t row = 0; row < rows.steps.size(); ++row) {
            add(series, rows.evaluation, rows.steps[row], rows.values[row * columns + column], fresh);
        }
    }
    if (rows.evaluation) {
        summary_is_old = true;
    } else {
        record.step = std::max(record.step, rows.steps.back());
    }
}

void RunBook::finish(std::map<std::string, std::vector<MetricPoint>>& fresh) {
    for (auto& [series, thinner] : thinners_) {
        std::vector<MetricPoint> points;
        thinner.finish(points);
        collect(series, std::move(points), fresh);
    }
}

void RunBook::take(const RunStatus& status) {
    record.state = status.state;
    record.step = status.step;
    record.total_steps = status.total_steps;
    record.epoch = status.epoch;
    record.total_epochs = status.total_epochs;
    record.device = status.device;
    record.threads = status.threads;
    record.dataset_fingerprint = status.dataset_fingerprint;
    record.seconds = status.seconds;
    record.error = status.error;
    record.finished = ended() ? now_utc() : std::string();
    dirty = true;
}

ThinnerStates RunBook::thinner_states() const {
    ThinnerStates states = restored_;
    for (const auto& [series, thinner] : thinners_) {
        if (std::string text = thinner.state(); !text.empty()) states[series] = std::move(text);
    }
    return states;
}

bool RunBook::ended() const {
    return record.state == RunState::finished || record.state == RunState::stopped ||
           record.state == RunState::failed;
}

} // namespace limbeck
