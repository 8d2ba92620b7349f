// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/teacher_links.h"

#include "backend/types/lineup.h"

namespace limbeck {

std::vector<TeacherLink> teacher_links(const RunRecord& run) {
    const std::size_t count = teachers_of(run.config, run.role, run.stage).size();
    if (count == 0) return {};
    std::vector<TeacherLink> links{{run.teacher, run.teacher_weights}};
    links.insert(links.end(), run.more_teachers.begin(), run.more_teachers.end());
    links.resize(count); // one that the record does not name has no weights, and that is told
    return links;
}

void set_teacher_links(RunRecord& run, std::vector<TeacherLink> links) {
    run.teacher = std::nullopt;
    run.teacher_weights.clear();
    run.more_teachers.clear();
    if (links.empty()) return;
    run.teacher = links.front().run;
    run.teacher_weights = std::move(links.front().weights);
    run.more_teachers.assign(links.begin() + 1, links.end());
}

bool hand_on_weights(RunRecord& run, RunId teacher, const std::string& weights) {
    bool any = false;
    if (run.teacher == teacher) {
        run.teacher_weights = weights;
        any = true;
    }
    for (TeacherLink& link : run.more_teachers) {
        if (link.run != teacher) continue;
        link.weights = weights;
        any = true;
    }
    return any;
}

} // namespace limbeck
