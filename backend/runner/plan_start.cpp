// SPDX-License-Identifier: GPL-3.0-or-later
// Start: which runs the experiment's scheme needs, which of them the project has already, and who teaches
// whom.
#include <algorithm>

#include "backend/project/safetensors.h"
#include "backend/runner/clock.h"
#include "backend/runner/group_plan.h"
#include "backend/runner/reuse.h"
#include "backend/runner/task_builder.h"
#include "backend/runner/teacher_links.h"
#include "backend/types/lineup.h"

namespace limbeck {

namespace {

RunRecord fresh_record(GroupId group, const LineupEntry& entry, const ExperimentConfig& config) {
    RunRecord record;
    record.group = group;
    record.role = entry.role;
    record.stage = entry.stage;
    record.name = run_name(config, entry.role, entry.stage);
    record.config = config;
    record.total_epochs = total_epochs(config, entry.role);
    record.created = now_utc();
    return record;
}

/// Where the network of an entry of the lineup comes from: a run of this group, one that was kept, or a file.
struct Source {
    std::optional<std::size_t> planned;
    TeacherLink link;
    std::shared_ptr<const TensorMap> weights; ///< null: not read yet
    std::string fingerprint;
};

class StartPlanner {
  public:
    StartPlanner(Project& project, const std::vector<RunRecord>& runs, const ExperimentConfig& config,
                 GroupPlan& plan)
        : project_(project), runs_(runs), config_(config), plan_(plan) {}

    Result<void> make() {
        for (const LineupEntry& entry : lineup_of(config_))
            if (auto done = add(entry); !done) return done;
        return {};
    }

    /// Numbers the runs and writes them into the project.
    Result<void> write() {
        std::optional<RunId> baseline = kept_baseline_;
        for (PlannedRun& run : plan_.runs) {
            RunRecord& record = run.record;
            std::vector<TeacherLink> links = teacher_links(record);
            for (std::size_t i = 0; i < run.teachers.size(); ++i)
                if (const auto from = run.teachers[i].from) links[i].run = plan_.runs[*from].record.id;
            set_teacher_links(record, std::move(links));
            if (is_taught(record.role) && network_of(record) == config_.student.network)
                record.baseline = baseline;
            const auto id = project_.add_run(record);
            if (!id) return tl::unexpected(id.error());
            record.id = *id;
            if (record.role == Role::baseline) baseline = *id;
        }
        return {};
    }

  private:
    Result<void> add(const LineupEntry& entry) {
        PlannedRun run;
        run.record = fresh_record(plan_.group, entry, config_);
        std::vector<TeacherLink> links;
        for (const std::size_t teacher : entry.teachers)
            links.push_back(sources_[teacher].link);
        set_teacher_links(run.record, std::move(links));

        const std::string& file = network_of(run.record).weights;
        if (entry.role == Role::teacher && !file.empty()) return add_file(run.record);
        const bool to_be_kept = entry.role != Role::student && config_.distillation.scheme != "alone";
        if (to_be_kept) {
            auto equal = find_equal(project_, runs_, run.record);
            if (!equal) return tl::unexpected(equal.error());
            if (*equal) return keep(**equal);
        }
        for (const std::size_t teacher : entry.teachers) {
            auto loaded = load(sources_[teacher]);
            if (!loaded) return tl::unexpected(loaded.error());
            run.teachers.push_back(std::move(*loaded));
        }
        sources_.emplace_back().planned = plan_.runs.size();
        plan_.runs.push_back(std::move(run));
        return {};
    }

    Result<void> add_file(const RunRecord& teacher) {
        auto weights = read_weights_file(network_of(teacher), plan_.base);
        if (!weights) return tl::unexpected(weights.error());
        // Kept with the project, so that the run can be resumed and repeated when the file is gone.
        auto object = project_.put_object(*weights);
        if (!object) return tl::unexpected(object.error());
        Source& source = sources_.emplace_back();
        source.link.weights = std::move(*object);
        source.weights = std::make_shared<const TensorMap>(std::move(*weights));
        return {};
    }

    Result<void> keep(const RunRecord& kept) {
        const auto checkpoint = project_.checkpoint(kept.id, "last");
        if (!checkpoint) return tl::unexpected(checkpoint.error());
        Source& source = sources_.emplace_back();
        source.link.run = kept.id;
        source.link.weights = (*checkpoint)->weights;
        source.fingerprint = kept.dataset_fingerprint;
        const std::string from = " kept from run " + std::to_string(kept.id);
        const std::string named = from + " (" + kept.name + ")";
        switch (kept.role) {
        case Role::teacher:
            plan_.notes.push_back("Teacher" + named + ": same data, network, training and seed.");
            break;
        case Role::assistant:
            plan_.notes.push_back("Assistant" + named +
                                  ": same data, network, training, loss, seed and teacher.");
            break;
        case Role::baseline:
        case Role::student:
            kept_baseline_ = kept.id;
            plan_.baseline_fingerprint = kept.dataset_fingerprint;
            plan_.notes.push_back("Student alone" + from + ": same data, network, training and seed.");
            break;
        }
        return {};
    }

    /// Weights are read only for a run that needs them: of a chain that was kept, the last link's alone.
    Result<PlannedTeacher> load(Source& source) {
        if (!source.planned && !source.weights) {
            auto weights = project_.object(source.link.weights);
            if (!weights) return tl::unexpected(weights.error());
            source.weights = std::make_shared<const TensorMap>(std::move(*weights));
        }
        return PlannedTeacher{source.planned, source.weights, source.fingerprint};
    }

    Project& project_;
    const std::vector<RunRecord>& runs_;
    const ExperimentConfig& config_;
    GroupPlan& plan_;
    std::vector<Source> sources_; ///< as lineup_of()
    std::optional<RunId> kept_baseline_;
};

} // namespace

Result<TensorMap> read_weights_file(const NetworkSpec& network, const std::filesystem::path& base) {
    const std::filesystem::path file(network.weights);
    return read_safetensors(file.is_absolute() ? file : base / file);
}

Result<GroupPlan> plan_start(Project& project, const ExperimentConfig& config) {
    const auto runs = project.runs();
    if (!runs) return tl::unexpected(runs.error());
    const auto group = project.next_group();
    if (!group) return tl::unexpected(group.error());

    GroupPlan plan;
    plan.group = *group;
    plan.base = project.folder();
    StartPlanner planner(project, *runs, config, plan);
    if (auto made = planner.make(); !made) return tl::unexpected(made.error());
    if (auto written = project.transaction([&] { return planner.write(); }); !written)
        return tl::unexpected(written.error());
    return plan;
}

} // namespace limbeck
