// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/answers/answer_wish.h"

#include "backend/types/catalogue.h"

namespace limbeck {

AnswerWish answer_wish(const TrainingTask& task, const Dataset& data) {
    AnswerWish wish;
    wish.wish = task.teacher_cache;
    wish.teacher = task.teacher.has_value();
    wish.mixup = task.mixup;
    for (const TermSpec& term : task.terms) {
        const ObjectiveEntry* entry = find_objective(term.id);
        if (entry && entry->group == ObjectiveGroup::features && wish.features.empty())
            wish.features = term.id;
    }
    wish.samples = data.size();
    wish.views = count_views(task.crop_padding, task.flip);
    wish.classes = data.classes();
    wish.budget = task.cache_budget;
    // Without a key nobody could tell whose answers they are.
    if (!task.cache_key.empty()) wish.folder = task.cache_folder;
    return wish;
}

} // namespace limbeck
