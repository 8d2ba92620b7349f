// SPDX-License-Identifier: GPL-3.0-or-later
// Save As: the project goes on in another folder, also while a run is on.
#include "backend/runner/ledger.h"

namespace limbeck {

namespace fs = std::filesystem;

namespace {

bool rebase(std::string& path, const fs::path& from, const fs::path& to) {
    if (path.empty() || fs::path(path).is_absolute()) return false;
    std::error_code none;
    path =
        fs::weakly_canonical(from / path, none).lexically_proximate(fs::weakly_canonical(to, none)).string();
    return true;
}

} // namespace

bool rebase_paths(ExperimentConfig& config, const fs::path& from, const fs::path& to) {
    bool any = rebase(config.data.dataset.path, from, to);
    any = rebase(config.teacher.network.weights, from, to) || any;
    for (auto* list : {&config.teacher.more, &config.distillation.assistants, &config.distillation.peers})
        for (NetworkSpec& network : *list)
            any = rebase(network.weights, from, to) || any;
    return rebase(config.student.network.weights, from, to) || any;
}

Result<void> Ledger::move_to(const fs::path& folder) {
    // Where the old place cannot be written any more (a full disk) the copy is the way out: what is not saved
    // stays in memory and is written there.
    if (project_->access() == Project::Access::write) (void)flush();
    const fs::path old_folder = project_->folder();
    if (auto done = project_->copy_to(folder); !done) return done;
    auto opened = Project::open(folder, Project::Access::write);
    if (!opened) return tl::unexpected(opened.error());
    Project& copy = **opened;

    // The copy says of a run that is on that it was interrupted: nobody wrote it when it was opened. What is
    // written from now on puts that right; data and weights are still found by the paths that lead there from
    // the new folder.
    auto mended = copy.transaction([&]() -> Result<void> {
        auto config = copy.config();
        if (!config) return tl::unexpected(config.error());
        if (rebase_paths(*config, old_folder, folder)) {
            if (auto done = copy.save_config(*config); !done) return done;
        }
        auto runs = copy.runs();
        if (!runs) return tl::unexpected(runs.error());
        for (RunRecord& run : *runs) {
            const RunBook* its = book(run.id);
            if (its) run = its->record;
            if (!rebase_paths(run.config, old_folder, folder) && !its) continue;
            if (auto done = copy.update_run(run); !done) return done;
        }
        return {};
    });
    if (!mended) return mended;

    for (auto& [run, its] : books_)
        rebase_paths(its.record.config, old_folder, folder);
    project_ = std::move(*opened);
    return read_all();
}

} // namespace limbeck
