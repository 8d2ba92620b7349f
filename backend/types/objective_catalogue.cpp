// SPDX-License-Identifier: GPL-3.0-or-later
// The objectives in words. One function a group, in a file of its own; here they are joined.
#include "backend/types/objective_entries.h"

namespace limbeck {

std::vector<ObjectiveEntry> as_features(std::vector<ObjectiveEntry> entries) {
    for (ObjectiveEntry& entry : entries) {
        entry.group = ObjectiveGroup::features;
        entry.uses_temperature = entry.uses_t_squared = false;
        entry.hard_weight = 1;
    }
    return entries;
}

std::span<const ObjectiveEntry> objective_catalogue() {
    static const std::vector<ObjectiveEntry> entries = [] {
        std::vector<ObjectiveEntry> all = response_entries();
        for (auto* more : {&relation_entries, &feature_entries, &review_entries, &staged_entries}) {
            std::vector<ObjectiveEntry> group = more();
            all.insert(all.end(), group.begin(), group.end());
        }
        return all;
    }();
    return entries;
}

std::span<const SchemeEntry> scheme_catalogue() {
    static const std::vector<SchemeEntry> entries{
        {"plain", "Teacher and student",
         "The teacher is trained (or brought along), then the student learns from it.",
         "The usual case; start here.", "Hinton, Vinyals, Dean 2015, arXiv:1503.02531"},
        {"alone", "Student alone", "Only the labels teach: what the student can do by itself.",
         "To see what a teacher would have to beat.", ""},
        {"mutual", "Deep mutual learning",
         "No teacher: the student and its peers are trained together and each learns from the others' "
         "answers.",
         "When no good teacher is at hand.", "Zhang, Xiang, Hospedales, Lu 2018, arXiv:1706.00384"},
        {"born-again", "Born-again generations",
         "Each generation of the student learns from the one before it; the first one from the teacher.",
         "To press more out of one architecture, at the price of several trainings.",
         "Furlanello, Lipton, Tschannen, Itti, Anandkumar 2018, arXiv:1805.04770"},
        {"assistants", "Chain of assistants",
         "The teacher teaches an assistant of middle size, that one the next, the last one the student.",
         "When the teacher is so much larger that the student cannot follow it.",
         "Mirzadeh et al. 2020, arXiv:1902.03393"},
        {"mixup", "Mixup without labels",
         "Student and teacher see the same blends of two pictures; labels are not used at all.",
         "For long, patient trainings with the answers of a good teacher alone.",
         "Beyer et al. 2022, arXiv:2106.05237"},
    };
    return entries;
}

} // namespace limbeck
