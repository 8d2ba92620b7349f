// SPDX-License-Identifier: GPL-3.0-or-later
// Resume: an unfinished run goes on from its last checkpoint. Repeat: the same run from its start, as a new
// one.
#include <algorithm>

#include "backend/runner/clock.h"
#include "backend/runner/group_plan.h"
#include "backend/runner/task_builder.h"
#include "backend/runner/teacher_links.h"

namespace limbeck {

namespace {

std::string titled(const RunRecord& run) {
    return "run " + std::to_string(run.id) + " (" + run.name + ")";
}

/// Who teaches a run: those that come before it in the plan hand their weights on, the others' are read.
Result<void> link_teachers(Project& project, const GroupPlan& plan, PlannedRun& run) {
    RunRecord& record = run.record;
    std::vector<TeacherLink> links = teacher_links(record);
    for (TeacherLink& link : links) {
        PlannedTeacher& teacher = run.teachers.emplace_back();
        const auto before = std::find_if(plan.runs.begin(), plan.runs.end(), [&](const PlannedRun& other) {
            return other.record.id == link.run;
        });
        if (before != plan.runs.end()) {
            teacher.from = static_cast<std::size_t>(before - plan.runs.begin());
            continue;
        }
        if (link.run) {
            if (const auto source = project.run(*link.run)) teacher.fingerprint = source->dataset_fingerprint;
        }
        if (link.weights.empty() && link.run) {
            const auto checkpoint = project.checkpoint(*link.run, "last");
            if (!checkpoint) return tl::unexpected(checkpoint.error());
            if (*checkpoint) link.weights = (*checkpoint)->weights;
        }
        if (link.weights.empty()) {
            return failure(ErrorKind::document,
                           "The " + titled(record) +
                               " has no teacher's weights in this project. "
                               "Start the experiment anew: the teacher is trained then.");
        }
        auto weights = project.object(link.weights);
        if (!weights) return tl::unexpected(weights.error());
        teacher.weights = std::make_shared<const TensorMap>(std::move(*weights));
    }
    set_teacher_links(record, std::move(links));
    return {};
}

/// What the document knows of the run up to its checkpoint: the best epoch and the teacher's accuracy.
Result<void> read_history(const Project& project, const RunRecord& record, ResumePoint& from) {
    const auto accuracy = project.points(record.id, "validation/accuracy");
    if (!accuracy) return tl::unexpected(accuracy.error());
    for (const MetricPoint& point : *accuracy) {
        if (point.step > from.step) continue;
        if (point.step == from.step) from.evaluated = true;
        if (point.mean > from.best.accuracy) from.best = {point.mean, point.step, 0, nullptr};
    }
    const auto best = project.checkpoint(record.id, "best");
    if (!best) return tl::unexpected(best.error());
    if (*best && (*best)->step == from.best.step) {
        auto weights = project.object((*best)->weights);
        if (!weights) return tl::unexpected(weights.error());
        from.best.epoch = (*best)->epoch;
        from.best.weights = std::make_shared<const TensorMap>(std::move(*weights));
    }
    const auto tested = project.last_point(record.id, "test/accuracy");
    if (!tested) return tl::unexpected(tested.error());
    if (*tested) from.tested_step = (*tested)->step;
    const auto teacher = project.points(record.id, "validation/teacher_accuracy");
    if (!teacher) return tl::unexpected(teacher.error());
    if (!teacher->empty() && teacher->front().step <= from.step)
        from.teacher_accuracy = teacher->front().mean;
    return {};
}

/// Sets a run back to its last checkpoint: what came after it is dropped, but for the changes by hand, which
/// are applied again.
Result<void> set_back(Project& project, PlannedRun& planned) {
    RunRecord& record = planned.record;
    const auto checkpoint = project.checkpoint(record.id, "last");
    if (!checkpoint) return tl::unexpected(checkpoint.error());
    auto events = project.events(record.id);
    if (!events) return tl::unexpected(events.error());

    if (!*checkpoint) {
        const auto left_out = project.left_out();
        if (!left_out) return tl::unexpected(left_out.error());
        if (record.id <= left_out->weights_to)
            return failure(ErrorKind::document,
                           "The " + titled(record) +
                               " cannot be resumed: the archive that this project came from was made without "
                               "weights. Start the experiment anew, or unpack an archive that has them.");
    }
    std::int64_t step = -1; // no checkpoint: the evaluation at step 0 goes too
    if (*checkpoint) {
        const CheckpointRecord& last = **checkpoint;
        step = last.step;
        ResumePoint from;
        from.step = last.step;
        auto weights = project.object(last.weights);
        if (!weights) return tl::unexpected(weights.error());
        auto state = project.object(last.state);
        if (!state) return tl::unexpected(state.error());
        from.weights = std::move(*weights);
        from.state = std::move(*state);
        from.thinners = take_thinners(from.state);
        planned.from = std::move(from);
        record.epoch = last.epoch;
    }
    record.step = std::max<std::int64_t>(step, 0);
    if (step < 0) record.epoch = 0;

    auto written = project.transaction([&]() -> Result<void> {
        if (auto done = project.truncate_points(record.id, step); !done) return done;
        for (RunEvent& event : *events) {
            if (event.step < step) continue;
            if (event.step > step) { // was dropped with the points
                auto id = project.add_event(event);
                if (!id) return tl::unexpected(id.error());
                event.id = *id;
            }
            planned.replay.push_back(event);
        }
        record.state = RunState::queued;
        record.error.clear();
        record.finished.clear();
        return project.update_run(record);
    });
    if (!written) return written;
    return planned.from ? read_history(project, record, *planned.from) : Result<void>();
}

/// The run to go on with: the one asked for, else the first unfinished one of the last group that has one.
Result<RunRecord> choose(const std::vector<RunRecord>& runs, std::optional<RunId> wanted) {
    if (wanted) {
        const auto found =
            std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return run.id == *wanted; });
        if (found != runs.end()) return *found;
        return failure(ErrorKind::usage, "There is no run " + std::to_string(*wanted) + " in this project.");
    }
    const RunRecord* chosen = nullptr;
    for (const RunRecord& run : runs) {
        if (is_unfinished(run.state) && (!chosen || run.group > chosen->group)) chosen = &run;
    }
    if (chosen) return *chosen;
    return failure(ErrorKind::usage,
                   "There is no unfinished run in this project: nothing to resume. A finished run "
                   "goes on when it is named and given more epochs.");
}

const RunRecord* find_run(const std::vector<RunRecord>& runs, std::optional<RunId> id) {
    const auto found = std::find_if(runs.begin(), runs.end(), [&](const auto& run) { return run.id == id; });
    return found == runs.end() ? nullptr : &*found;
}

Result<void> may_resume(const std::vector<RunRecord>& runs, const RunRecord& run,
                        std::optional<std::int64_t> epochs) {
    const std::int64_t had = optimization_of(run.config, run.role).epochs;
    if (epochs && *epochs < had) {
        return failure(ErrorKind::usage,
                       "The " + titled(run) + " was planned for " + std::to_string(had) + " epochs; " +
                           std::to_string(*epochs) + " are fewer. Give more.",
                       "training.epochs");
    }
    if (!is_unfinished(run.state) && (!epochs || *epochs <= had)) {
        return failure(ErrorKind::usage,
                       "The " + titled(run) + " is " + std::string(to_string(run.state)) +
                           ". It goes on only with more than its " + std::to_string(had) + " epochs.",
                       "training.epochs");
    }
    for (const TeacherLink& link : teacher_links(run)) {
        const RunRecord* teacher = find_run(runs, link.run);
        if (teacher && link.weights.empty() && teacher->state != RunState::finished) {
            return failure(ErrorKind::usage, "The " + titled(run) + " waits for its teacher, the " +
                                                 titled(*teacher) +
                                                 ". Resume that one: this one follows by itself.");
        }
    }
    return {};
}

/// The run itself and those of its group that were queued behind it, so far as their teachers are done or
/// among them.
std::vector<RunRecord> with_followers(const std::vector<RunRecord>& runs, const RunRecord& run) {
    std::vector<RunRecord> records{run};
    for (const RunRecord& other : runs) {
        if (other.group != run.group || other.id <= run.id || other.state != RunState::queued) continue;
        const std::vector<TeacherLink> links = teacher_links(other);
        const bool can_follow = std::all_of(links.begin(), links.end(), [&](const TeacherLink& link) {
            const RunRecord* teacher = find_run(runs, link.run);
            return !link.weights.empty() || !teacher || teacher->state == RunState::finished ||
                   find_run(records, link.run);
        });
        if (can_follow) records.push_back(other);
    }
    return records;
}

/// The change of the epochs as an event at the step where the run goes on: after all that happened before it.
Result<void> add_epochs(Project& project, PlannedRun& run, std::int64_t epochs) {
    RunEvent event;
    event.run = run.record.id;
    event.step = run.from ? run.from->step : 0;
    event.what = epochs_key;
    event.from = static_cast<double>(optimization_of(run.record.config, run.record.role).epochs);
    event.to = static_cast<double>(epochs);
    event.time = now_utc();
    if (event.from == event.to) return {};
    set_epochs(run.record.config, run.record.role, epochs);
    run.record.total_epochs = total_epochs(run.record.config, run.record.role);
    auto written = project.transaction([&]() -> Result<void> {
        const auto id = project.add_event(event);
        if (!id) return tl::unexpected(id.error());
        event.id = *id;
        return project.update_run(run.record);
    });
    if (!written) return written;
    const auto later = [&](const RunEvent& other) { return other.step > event.step; };
    run.replay.insert(std::find_if(run.replay.begin(), run.replay.end(), later), event);
    return {};
}

} // namespace

std::int64_t epochs_before(const std::vector<RunEvent>& replay) {
    for (const RunEvent& event : replay) {
        if (event.what == epochs_key) return static_cast<std::int64_t>(event.from);
    }
    return 0;
}

Result<GroupPlan> plan_resume(Project& project, std::optional<RunId> wanted,
                              std::optional<std::int64_t> epochs) {
    const auto runs = project.runs();
    if (!runs) return tl::unexpected(runs.error());
    auto run = choose(*runs, wanted);
    if (!run) return tl::unexpected(run.error());
    if (auto done = may_resume(*runs, *run, epochs); !done) return tl::unexpected(done.error());
    GroupPlan plan;
    plan.group = run->group;
    plan.base = project.folder();
    for (RunRecord& record : with_followers(*runs, *run)) {
        PlannedRun planned;
        planned.record = std::move(record);
        if (auto done = link_teachers(project, plan, planned); !done) return tl::unexpected(done.error());
        if (auto done = set_back(project, planned); !done) return tl::unexpected(done.error());
        if (epochs && planned.record.id == run->id) {
            if (auto done = add_epochs(project, planned, *epochs); !done) return tl::unexpected(done.error());
        }
        planned.epochs = epochs_before(planned.replay);
        plan.runs.push_back(std::move(planned));
    }
    return plan;
}

Result<GroupPlan> plan_repeat(Project& project, RunId wanted) {
    const auto original = project.run(wanted);
    if (!original) return tl::unexpected(original.error());
    auto events = project.events(wanted);
    if (!events) return tl::unexpected(events.error());
    const auto group = project.next_group();
    if (!group) return tl::unexpected(group.error());

    GroupPlan plan;
    plan.group = *group;
    plan.base = project.folder();
    PlannedRun planned;
    RunRecord& record = planned.record;
    record.group = *group;
    record.role = original->role;
    record.stage = original->stage;
    record.name = original->name + " again";
    record.config = original->config;
    record.parent = original->id;
    record.baseline = original->baseline;
    record.teacher = original->teacher;
    record.teacher_weights = original->teacher_weights;
    record.more_teachers = original->more_teachers;
    record.dataset_fingerprint = original->dataset_fingerprint;
    record.total_epochs = original->total_epochs;
    record.created = now_utc();
    if (auto done = link_teachers(project, plan, planned); !done) return tl::unexpected(done.error());
    // The changes belong to the new run too, from the start: a repeat that is stopped can be resumed.
    auto written = project.transaction([&]() -> Result<void> {
        const auto id = project.add_run(record);
        if (!id) return tl::unexpected(id.error());
        record.id = *id;
        for (RunEvent& event : *events) {
            event.run = record.id;
            const auto event_id = project.add_event(event);
            if (!event_id) return tl::unexpected(event_id.error());
            event.id = *event_id;
        }
        return {};
    });
    if (!written) return tl::unexpected(written.error());
    planned.epochs = epochs_before(*events);
    planned.replay = std::move(*events);
    plan.runs.push_back(std::move(planned));
    return plan;
}

} // namespace limbeck
