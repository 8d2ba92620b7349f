// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/answers/answer_plan.h"

#include <algorithm>

#include "backend/answers/answer_file.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

std::string refusal(const AnswerWish& wish) {
    if (!wish.teacher) return "nobody teaches this network whose answers could be kept";
    if (wish.mixup) return "mixup blends samples anew in every step, so no answer comes twice";
    if (!wish.features.empty())
        return "the loss compares the teacher's features (" + wish.features + "), and only answers are kept";
    return {};
}

std::string size_words(const AnswerWish& wish, std::int64_t bytes, bool half) {
    return grouped(wish.samples) + " samples × " + grouped(wish.views) + " views × " + grouped(wish.classes) +
           " classes in " + kept_precision(half) + " take " + size_text(bytes);
}

} // namespace

std::int64_t count_views(std::int64_t crop_padding, bool flip) {
    const std::int64_t side = 2 * crop_padding + 1;
    return side * side * (flip ? 2 : 1);
}

Result<AnswerPlan> plan_answers(const AnswerWish& wish) {
    AnswerPlan plan;
    if (wish.wish == "off") return plan;
    const bool required = wish.wish == "float32" || wish.wish == "half";
    if (!required && wish.wish != "auto")
        return failure(ErrorKind::configuration,
                       "How answers are kept is \"" + wish.wish + "\"; off, auto, float32 or half is right.",
                       "teacher.cache");
    const auto not_kept = [&](std::string why, const char* field) -> Result<AnswerPlan> {
        if (required)
            return failure(ErrorKind::configuration,
                           "The teacher's answers cannot be kept (teacher.cache is " + wish.wish +
                               "): " + why + ". Choose auto or off, and the teacher answers live.",
                           field);
        plan.why = std::move(why);
        return plan;
    };
    if (std::string why = refusal(wish); !why.empty()) return not_kept(std::move(why), "teacher.cache");

    plan.half = wish.wish == "half";
    const std::int64_t rows = wish.samples * wish.views;
    const std::int64_t row_bytes = wish.classes * (plan.half ? 2 : 4);
    const std::int64_t file_bytes = AnswerFile::bytes_of(rows, row_bytes);
    plan.bytes = rows * row_bytes;
    const bool file_fits = file_bytes <= answer_folder_limit;
    plan.to_disk = !wish.folder.empty() && file_fits;
    const bool spare = wish.spare < 0 || plan.bytes <= wish.spare;
    if (plan.bytes <= wish.budget && spare) {
        plan.where = AnswersKept::in_memory;
        return plan;
    }
    if (plan.to_disk) {
        plan.where = AnswersKept::on_disk;
        plan.bytes = file_bytes;
        return plan;
    }
    std::string why = size_words(wish, plan.bytes, plan.half);
    why += spare ? ", the memory for them is " + size_text(wish.budget)
                 : ", the training leaves " + size_text(std::max<std::int64_t>(0, wish.spare)) +
                       " of memory free";
    why += wish.folder.empty() ? ", and there is no folder to put them into"
                               : ", and the folder for them holds " + size_text(answer_folder_limit);
    return not_kept(std::move(why), "teacher.cache_budget");
}

} // namespace limbeck
