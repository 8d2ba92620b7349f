// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "backend/runner/ledger.h"

// A project that is only viewed while another process writes it.
namespace limbeck {
namespace {

bool same(const RunRecord& a, const RunRecord& b) {
    return a.step == b.step && a.epoch == b.epoch && a.state == b.state && a.name == b.name &&
           a.total_steps == b.total_steps && a.total_epochs == b.total_epochs && a.finished == b.finished &&
           a.error == b.error && a.baseline == b.baseline && a.teacher == b.teacher;
}

/// As far as the document tells: how fast it goes, only its own process knows.
RunProgress progress_of(const RunRecord& run) {
    RunProgress progress;
    progress.run = run.id;
    progress.role = run.role;
    progress.state = run.state;
    progress.step = run.step;
    progress.total_steps = run.total_steps;
    progress.epoch = run.epoch;
    progress.total_epochs = run.total_epochs;
    if (run.total_steps > 0)
        progress.group_fraction = static_cast<double>(run.step) / static_cast<double>(run.total_steps);
    return progress;
}

} // namespace

Result<void> Ledger::look_again() {
    if (project_->reads_a_copy()) {
        auto anew = Project::open(project_->folder(), Project::Access::view);
        if (!anew) return tl::unexpected(anew.error());
        project_ = std::move(*anew);
    }
    const auto config = project_->config();
    if (!config) return tl::unexpected(config.error());
    const auto runs = project_->runs();
    if (!runs) return tl::unexpected(runs.error());
    mirror_->set_config(*config);

    bool rewound = false;
    std::map<RunId, RunRecord> known;
    for (RunRecord& run : mirror_->runs())
        known[run.id] = std::move(run);
    for (const auto& [id, before] : known) {
        const auto now = std::find_if(runs->begin(), runs->end(),
                                      [id = id](const RunRecord& run) { return run.id == id; });
        rewound = rewound || now == runs->end() || now->step < before.step;
    }
    if (rewound) {
        seen_.clear();
        if (auto done = read_all(); !done) return done;
    }
    for (const RunRecord& run : *runs) {
        const auto before = known.find(run.id);
        const bool on = run.state == RunState::running || run.state == RunState::paused;
        if (before != known.end() && same(before->second, run) && !on && !rewound) continue;
        if (auto done = look_at_points(run.id); !done) return done;
        const auto summary = summary_of(run.id);
        if (!summary) return tl::unexpected(summary.error());
        mirror_->set_summary(run.id, *summary);
        mirror_->set_run(run);
        board_->run(run);
        if (on) board_->progress(progress_of(run));
    }
    board_->looked_again(rewound);
    return {};
}

/// Points that the front had from points() before come a first time once more: they replace themselves.
Result<void> Ledger::look_at_points(RunId run) {
    const auto names = project_->series_of(run);
    if (!names) return tl::unexpected(names.error());
    for (const std::string& series : *names) {
        std::int64_t& seen = seen_.try_emplace({run, series}, -1).first->second;
        const auto points = project_->points_after(run, series, seen);
        if (!points) return tl::unexpected(points.error());
        if (points->empty()) continue;
        seen = points->back().step;
        board_->points(run, series, *points);
    }
    return {};
}

} // namespace limbeck
