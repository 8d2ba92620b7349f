// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/safetensors.h"
#include "backend/runner/clock.h"
#include "backend/runner/group_plan.h"
#include "backend/runner/reuse.h"
#include "backend/runner/task_builder.h"

namespace limbeck {

namespace {

RunRecord fresh_record(GroupId group, Role role, const ExperimentConfig& config) {
    RunRecord record;
    record.group = group;
    record.role = role;
    record.name = run_name(config, role);
    record.config = config;
    record.total_epochs = optimization_of(config, role).epochs;
    record.created = now_utc();
    return record;
}

/// Where the teacher's weights come from: a file, an equal teacher, or a run that is yet to be done.
Result<void> plan_teacher(Project& project, const std::vector<RunRecord>& runs,
                          const ExperimentConfig& config, GroupPlan& plan, RunRecord& student) {
    if (!config.teacher.network.weights.empty()) {
        auto weights = read_weights_file(config.teacher.network, plan.base);
        if (!weights) return tl::unexpected(weights.error());
        // Kept with the project, so that the run can be resumed and repeated when the file is gone.
        auto object = project.put_object(*weights);
        if (!object) return tl::unexpected(object.error());
        student.teacher_weights = *object;
        plan.teacher_weights = std::make_shared<const TensorMap>(std::move(*weights));
        return {};
    }
    auto equal = find_equal(project, runs, config, Role::teacher);
    if (!equal) return tl::unexpected(equal.error());
    if (!*equal) {
        plan.runs.push_back({fresh_record(plan.group, Role::teacher, config), {}, {}, 0});
        return {};
    }
    const RunRecord& kept = **equal;
    const auto checkpoint = project.checkpoint(kept.id, "last");
    if (!checkpoint) return tl::unexpected(checkpoint.error());
    auto weights = project.object((*checkpoint)->weights);
    if (!weights) return tl::unexpected(weights.error());
    student.teacher = kept.id;
    student.teacher_weights = (*checkpoint)->weights;
    plan.teacher_weights = std::make_shared<const TensorMap>(std::move(*weights));
    plan.teacher_fingerprint = kept.dataset_fingerprint;
    plan.notes.push_back("Teacher kept from run " + std::to_string(kept.id) + " (" + kept.name +
                         "): same data, network, training and seed.");
    return {};
}

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
    RunRecord student = fresh_record(plan.group, Role::student, config);
    if (auto done = plan_teacher(project, *runs, config, plan, student); !done)
        return tl::unexpected(done.error());
    if (config.student.train_alone) {
        const auto equal = find_equal(project, *runs, config, Role::baseline);
        if (!equal) return tl::unexpected(equal.error());
        if (*equal) {
            student.baseline = (*equal)->id;
            plan.baseline_fingerprint = (*equal)->dataset_fingerprint;
            plan.notes.push_back("Student alone kept from run " + std::to_string((*equal)->id) +
                                 ": same data, network, training and seed.");
        } else {
            plan.runs.push_back({fresh_record(plan.group, Role::baseline, config), {}, {}, 0});
        }
    }
    plan.runs.push_back({std::move(student), {}, {}, 0});

    auto written = project.transaction([&]() -> Result<void> {
        std::optional<RunId> teacher, baseline;
        for (PlannedRun& run : plan.runs) {
            RunRecord& record = run.record;
            if (record.role == Role::student) {
                if (teacher) record.teacher = teacher;
                if (baseline) record.baseline = baseline;
            }
            const auto id = project.add_run(record);
            if (!id) return tl::unexpected(id.error());
            record.id = *id;
            if (record.role == Role::teacher) teacher = *id;
            if (record.role == Role::baseline) baseline = *id;
        }
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    return plan;
}

} // namespace limbeck
