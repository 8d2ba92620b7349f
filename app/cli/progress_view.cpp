// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_view.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "app/cli/report.h"
#include "app/cli/text.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

constexpr auto between_lines = std::chrono::seconds(2);          // where there is no terminal
constexpr auto between_objects = std::chrono::milliseconds(500); // of progress, with --json
constexpr std::size_t bar_width = 10; // what follows it matters more, and 80 columns are few

bool is_over(RunState state) {
    return state == RunState::finished || state == RunState::stopped || state == RunState::failed;
}

} // namespace

void ProgressView::clear_bar() {
    if (bar_shown_) output_.raw("\r\x1b[K");
    bar_shown_ = false;
}

void ProgressView::line(const std::string& text) {
    clear_bar();
    output_.line(text);
}

void ProgressView::show(const Feed& feed) {
    for (const std::string& note : feed.notes) {
        output_.object({{"event", "note"}, {"text", note}});
        line(note);
    }
    for (const SeriesUpdate& update : feed.series)
        show_metrics(update);
    for (const RunEvent& event : feed.events) {
        output_.object({{"event", "change"},
                        {"run", event.run},
                        {"step", event.step},
                        {"what", event.what},
                        {"from", event.from},
                        {"to", event.to}});
        line("Step " + std::to_string(event.step) + ": " + event.what + " from " + number_text(event.from) +
             " to " + number_text(event.to) + ".");
    }
    for (const RunRecord& run : feed.runs)
        show_run(run);
    show_saving(feed);
    if (feed.progress) show_progress(*feed.progress);
    for (const Error& error : feed.errors) {
        clear_bar();
        output_.error(error);
    }
}

/// On the standard error: it needs somebody, also where the output goes into a file.
void ProgressView::show_saving(const Feed& feed) {
    if (feed.saving_stopped) {
        clear_bar();
        saving_stopped_ = true;
        output_.object({{"event", "saving_stopped"},
                        {"message", feed.saving_stopped->message},
                        {"detail", feed.saving_stopped->detail}});
        output_.warning("Saving has stopped, and the run waits. " + feed.saving_stopped->message +
                        " Saving is tried again every few seconds; Ctrl-C ends the run without what is not "
                        "saved.");
    }
    if (feed.saving_goes_on) {
        clear_bar();
        saving_stopped_ = false;
        output_.object({{"event", "saving_goes_on"}});
        output_.warning("Saving works again; all is saved.");
    }
}

void ProgressView::show_metrics(const SeriesUpdate& update) {
    // Training points come by the thousand; they are in the project, and export writes them.
    if (update.series.starts_with(series::train) || update.points.empty()) return;
    for (const MetricPoint& point : update.points)
        output_.object({{"event", "metrics"},
                        {"run", update.run},
                        {"series", update.series},
                        {"step", point.step},
                        {"value", point.mean}});
    if (update.series.starts_with(series::validation))
        runs_[update.run].latest[update.series.substr(series::validation.size())] = update.points.back().mean;
}

void ProgressView::show_run(const RunRecord& run) {
    Seen& seen = runs_[run.id];
    const bool changed = seen.name.empty() || seen.state != run.state;
    seen.name = run.name;
    seen.role = run.role;
    seen.state = run.state;
    if (!changed) return;
    output_.object({{"event", "run"}, {"run", run_json(run)}});
    if (run.state == RunState::running && run.step == 0)
        line("Run " + std::to_string(run.id) + ", " + run.name + ": " + std::to_string(run.total_epochs) +
             (run.total_epochs == 1 ? " epoch on " : " epochs on ") +
             (run.device.empty() ? "the chosen device" : run.device) + ".");
    if (is_over(run.state)) {
        std::string text = "Run " + std::to_string(run.id) + ", " + run.name + ": " +
                           std::string(limbeck::to_string(run.state)) + " after " +
                           duration_text(run.seconds);
        const std::string latest = latest_text(seen);
        line(text + (latest.empty() ? "." : ", " + latest + "."));
    }
}

std::string ProgressView::latest_text(const Seen& seen) const {
    std::string text;
    for (const char* name : {"accuracy", "agreement"}) {
        const auto found = seen.latest.find(name);
        if (found == seen.latest.end()) continue;
        if (!is_taught(seen.role) && found->first == "agreement") continue;
        text += (text.empty() ? "" : ", ") + found->first + " " + percent(found->second);
    }
    return text;
}

std::string ProgressView::bar(const RunProgress& progress, const Seen& seen) const {
    const double fraction =
        std::clamp(std::isfinite(progress.group_fraction) ? progress.group_fraction : 0.0, 0.0, 1.0);
    const auto full = static_cast<std::size_t>(fraction * bar_width);
    std::string text = role_text(progress.role) + "  epoch " + std::to_string(progress.epoch) + "/" +
                       std::to_string(progress.total_epochs) + "  ";
    for (std::size_t i = 0; i < bar_width; ++i)
        text += i < full ? "▓" : "░";
    if (progress.seconds_left >= 0) text += "  " + duration_text(progress.seconds_left) + " left";
    // A narrow terminal cuts off the end: what is needed least goes last.
    const std::string latest = latest_text(seen);
    if (!latest.empty()) text += "  " + latest;
    return text + "  " + grouped(progress.samples_per_second) + " samples/s";
}

void ProgressView::show_progress(const RunProgress& progress) {
    const auto now = Clock::now();
    Seen& seen = runs_[progress.run];
    seen.role = progress.role;
    if (output_.json()) {
        if (now - last_progress_ < between_objects) return;
        last_progress_ = now;
        output_.object(
            {{"event", "progress"},
             {"run", progress.run},
             {"role", limbeck::to_string(progress.role)},
             {"state", limbeck::to_string(progress.state)},
             {"step", progress.step},
             {"total_steps", progress.total_steps},
             {"epoch", progress.epoch},
             {"total_epochs", progress.total_epochs},
             {"phase", progress.phase.empty() ? Json(nullptr) : Json(progress.phase)},
             {"samples_per_second", progress.samples_per_second},
             {"seconds_left", progress.seconds_left >= 0 ? Json(progress.seconds_left) : Json(nullptr)},
             {"fraction", progress.group_fraction}});
        return;
    }
    if (output_.terminal()) {
        output_.raw("\r" +
                    cut(bar(progress, seen), static_cast<std::size_t>(std::max(output_.columns() - 1, 10))) +
                    "\x1b[K");
        bar_shown_ = true;
        return;
    }
    if (progress.epoch <= seen.epoch_told || now - last_line_ < between_lines) return;
    seen.epoch_told = progress.epoch;
    last_line_ = now;
    std::string text = "  " + role_text(progress.role) + ", epoch " + std::to_string(progress.epoch) +
                       " of " + std::to_string(progress.total_epochs);
    const std::string latest = latest_text(seen);
    if (!latest.empty()) text += ": " + latest;
    if (progress.seconds_left >= 0) text += ", " + duration_text(progress.seconds_left) + " left";
    output_.line(text);
}

} // namespace limbeck::cli
