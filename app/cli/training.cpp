// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/training.h"

#include <chrono>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/progress_view.h"
#include "app/cli/report.h"
#include "app/cli/results.h"
#include "app/cli/signals.h"
#include "backend/answers/answer_folder.h"

namespace limbeck::cli {

Result<std::unique_ptr<Training>> Training::open(const std::filesystem::path& project) {
    std::unique_ptr<Training> training(new Training);
    // The thread count is known when the project is read; the engine is made later, with the first run.
    training->host_ = std::make_shared<EngineHost>(
        [options = training->engine_] { return engine_loader(*options)(); }, 0, standard_answers_folder());
    auto session = Session::open(project, Project::Access::write, training->host_, [wake = training->wake_] {
        const std::lock_guard lock(wake->mutex);
        wake->woken = true;
        wake->condition.notify_one();
    });
    if (!session) return tl::unexpected(session.error());
    training->session_ = std::move(*session);
    return training;
}

void Training::wait() {
    // A signal cannot notify a condition, so this looks up now and then.
    std::unique_lock lock(wake_->mutex);
    wake_->condition.wait_for(lock, std::chrono::milliseconds(100), [&] { return wake_->woken; });
    wake_->woken = false;
}

Result<int> Training::conduct(Output& output, const std::function<Result<GroupId>(Session&)>& start) {
    const StopSignals signals;
    const auto group = start(*session_);
    if (!group) return tl::unexpected(group.error());

    ProgressView view(output);
    std::optional<ErrorKind> error;
    int told = 0;
    for (bool finished = false; !finished;) {
        wait();
        for (; told < signals.count(); ++told) {
            if (told == 0) session_->send(Stop{});
            // Whoever stops a run that cannot be saved need not wait for a disk that may never have room.
            if (view.saving_stopped()) session_->give_up_saving();
            const std::string text =
                view.saving_stopped() ? "Stopping after one more attempt to save …"
                : told == 0
                    ? "Stopping after this step and saving …"
                    : "Still saving. Once more quits at once; resume then goes on from the last save.";
            output.object({{"event", "note"}, {"text", text}});
            view.line(text);
        }
        const Feed feed = session_->poll();
        view.show(feed);
        for (const Error& each : feed.errors)
            if (each.kind != ErrorKind::cancelled && !error) error = each.kind;
        finished = feed.finished;
    }
    view.clear_bar();
    return report(output, *group, error);
}

int Training::report(Output& output, GroupId group, std::optional<ErrorKind> error) {
    bool failed = false, unfinished = false;
    Json runs = Json::array();
    for (const RunRecord& run : session_->runs()) {
        if (run.group != group) continue;
        failed = failed || run.state == RunState::failed;
        unfinished = unfinished || is_unfinished(run.state);
        runs.push_back(run_json(run));
    }
    // A queued run behind a failed one is no cancellation.
    int code = exit_code::done;
    if (error)
        code = exit_code_of(*error);
    else if (failed)
        code = exit_code::failed;
    else if (unfinished)
        code = exit_code::cancelled;

    const auto rows = collect_results(*session_, group);
    const std::string folder = session_->folder().string();
    const auto margin = margin_points(rows);
    output.object({{"event", "result"},
                   {"exit_code", code},
                   {"project", folder},
                   {"group", group},
                   {"results", results_json(rows)},
                   {"margin_points", optional_json(margin)},
                   {"runs", runs}});
    output.line("");
    output.line(results_table(rows));
    if (code == exit_code::done)
        output.line("Kept in " + folder + ".");
    else
        output.line("Saved in " + folder + ". limbeck-cli resume goes on from there.");
    return code;
}

} // namespace limbeck::cli
