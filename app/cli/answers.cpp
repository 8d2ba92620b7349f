// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/answers.h"

#include <nlohmann/json.hpp>

#include "backend/answers/answer_plan.h"
#include "backend/runner/clock.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

std::string answers_precision(const AnswerFileInfo& file) {
    return kept_precision(file.head.half);
}

Json answers_json(const AnswerFileInfo& file) {
    return {{"file", file.path.string()},
            {"teacher", file.head.about.teacher},
            {"teacher_weights", file.head.about.weights},
            {"dataset", file.head.about.data},
            {"dataset_fingerprint", file.head.about.fingerprint},
            {"views", file.head.views},
            {"precision", answers_precision(file)},
            {"kept", file.filled},
            {"of", file.head.asked},
            {"bytes", file.bytes},
            {"last_used", utc_text(file.used)}};
}

std::optional<AnswerFileInfo> answers_of(const RunRecord& run, const std::vector<AnswerFileInfo>& files) {
    const std::string& wish = run.config.teacher.cache;
    if (wish == "off" || !is_taught(run.role) || run.teacher_weights.empty()) return std::nullopt;
    std::string weights = run.teacher_weights;
    for (const TeacherLink& more : run.more_teachers)
        weights += ";" + more.weights;
    const std::int64_t views = count_views(run.config.data.crop_padding, run.config.data.flip);
    for (const AnswerFileInfo& file : files) { // the last used first
        const AnswersAbout& about = file.head.about;
        if (about.weights != weights || about.fingerprint != run.dataset_fingerprint ||
            file.head.half != (wish == "half") || file.head.views != views)
            continue;
        if (auto counted = look_at_answers(file.path, /*count=*/true)) return *counted;
    }
    return std::nullopt;
}

std::string answers_text(const AnswerFileInfo& file) {
    return "teacher's answers: cached (" + answers_precision(file) + "), " + grouped(file.filled) + " of " +
           grouped(file.head.asked) + " kept";
}

} // namespace limbeck::cli
