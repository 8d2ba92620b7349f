// SPDX-License-Identifier: GPL-3.0-or-later
// What is not in the document yet: shown as if it were, told when it is lost.
#include <algorithm>

#include "backend/runner/ledger.h"

namespace limbeck {

Result<std::vector<std::string>> Ledger::series_of(RunId run) {
    auto names = project_->series_of(run);
    const RunBook* its = book(run);
    if (!names || !its) return names;
    for (const auto& [series, points] : its->unwritten)
        if (std::find(names->begin(), names->end(), series) == names->end()) names->push_back(series);
    std::sort(names->begin(), names->end());
    return names;
}

Result<std::vector<MetricPoint>> Ledger::points(RunId run, const std::string& series) {
    auto points = project_->points(run, series);
    const RunBook* its = book(run);
    if (!points || !its) return points;
    const auto waiting = its->unwritten.find(series);
    if (waiting != its->unwritten.end())
        points->insert(points->end(), waiting->second.begin(), waiting->second.end());
    return points;
}

Result<std::vector<RunEvent>> Ledger::events(RunId run) {
    auto events = project_->events(run);
    if (!events) return events;
    for (const RunEvent& update : event_updates_) {
        for (RunEvent& event : *events)
            if (update.run == run && event.id == update.id) event = update;
    }
    std::sort(events->begin(), events->end(), [](const RunEvent& one, const RunEvent& other) {
        return one.step != other.step ? one.step < other.step : one.id < other.id;
    });
    return events;
}

std::string Ledger::unsaved() const {
    std::string text;
    for (const auto& [run, its] : books_) {
        const std::string name = "Run " + std::to_string(run) + " (" + its.record.name + ")";
        const bool weights = checkpoints_.contains({run, "last"});
        std::string what;
        if (!its.unwritten.empty())
            what = " is saved up to step " + std::to_string(its.saved_step) + " of the " +
                   std::to_string(its.record.step) + " that were made";
        const std::string kept = its.checkpoint_step < 0
                                     ? "no weights"
                                     : "the weights of step " + std::to_string(its.checkpoint_step);
        if (weights || !what.empty())
            what += (what.empty() ? " has " : ", with ") + kept + " to go on from";
        else if (its.dirty)
            what = " is saved, but not that it is " + std::string(to_string(its.record.state));
        if (!what.empty()) text += (text.empty() ? "" : " ") + name + what + ".";
    }
    return text;
}

void Ledger::give_up() {
    checkpoints_.clear();
    event_updates_.clear();
    end_group();
}

} // namespace limbeck
