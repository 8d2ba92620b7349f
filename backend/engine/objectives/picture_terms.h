// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <string>

#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"
#include "backend/engine/tensors.h"

/// What terms on several levels of features share; inner to backend/engine/objectives.
namespace limbeck {

inline tl::unexpected<Error> features_refused(std::string message) {
    return failure(ErrorKind::configuration, std::move(message), "distillation.terms");
}

inline torch::Tensor pooled_to(const torch::Tensor& picture, std::int64_t height, std::int64_t width) {
    if (picture.size(2) == height && picture.size(3) == width) return picture;
    return torch::adaptive_avg_pool2d(picture, {height, width});
}

struct PicturePair {
    torch::Tensor first, second;
};

/// Pictures [B, C, H, W] meet at the smaller size; vectors stay as they are.
inline PicturePair at_smaller_size(const torch::Tensor& a, const torch::Tensor& b) {
    if (a.dim() != 4 || b.dim() != 4) return {a, b};
    const auto height = std::min(a.size(2), b.size(2)), width = std::min(a.size(3), b.size(3));
    return {pooled_to(a, height, width), pooled_to(b, height, width)};
}

/// "level 2 of the student [64, 8, 8]", levels counted from 1.
inline std::string level_text(std::size_t index, std::string_view side,
                              const std::vector<std::int64_t>& shape) {
    return "level " + std::to_string(index + 1) + " of the " + std::string(side) + " is " + shape_text(shape);
}

/// Why the taps are not pairs of pictures (or, where `vectors`, pairs of one kind); empty: they are.
inline std::string pairs_problem(const ObjectiveEntry& entry, const TermContext& context, bool vectors,
                                 std::size_t least = 1) {
    const std::string id(entry.id);
    const auto &student = context.student_shapes, &teacher = context.teacher_shapes;
    if (student.size() != teacher.size() || student.size() < least)
        return id + " compares at least " + std::to_string(least) +
               " level(s) of student and teacher, as many of each; found " + std::to_string(student.size()) +
               " of the student and " + std::to_string(teacher.size()) + " of the teacher.";
    for (std::size_t i = 0; i < student.size(); ++i) {
        const bool pictures = student[i].size() == 3 && teacher[i].size() == 3;
        const bool both_vectors = student[i].size() == 1 && teacher[i].size() == 1;
        if (pictures || (vectors && both_vectors)) continue;
        return id + " compares " + (vectors ? "pictures with pictures or vectors with vectors" : "pictures") +
               ", features [C, H, W]" + (vectors ? " or [D]" : "") + "; " +
               level_text(i, "student", student[i]) + ", that of the teacher " + shape_text(teacher[i]) +
               ". Choose other taps.";
    }
    return {};
}

/// As above for channels, which must be equal where nothing adapts them.
inline std::string channels_problem(const ObjectiveEntry& entry, const TermContext& context,
                                    std::string_view advice) {
    for (std::size_t i = 0; i < context.student_shapes.size(); ++i) {
        const auto &student = context.student_shapes[i], &teacher = context.teacher_shapes[i];
        if (student.front() == teacher.front()) continue;
        return std::string(entry.id) + " needs equal channels on both sides; " +
               level_text(i, "student", student) + ", that of the teacher " + shape_text(teacher) + ". " +
               std::string(advice);
    }
    return {};
}

} // namespace limbeck
