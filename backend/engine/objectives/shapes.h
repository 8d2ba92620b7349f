// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>

#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"
#include "backend/engine/objectives/picture_terms.h"
#include "backend/engine/tensors.h"

/// What terms of features have in common: shapes that must fit, and sizes that meet.
namespace limbeck {

inline tl::unexpected<Error> misfit(const ObjectiveEntry& entry, const std::string& why) {
    return features_refused(std::string(entry.id) + " " + why);
}

/// Refuses taps that are no pictures [C, H, W], naming the first.
inline Result<void> require_pictures(const ObjectiveEntry& entry, const TermContext& context) {
    for (const auto* side : {&context.student_shapes, &context.teacher_shapes})
        for (const auto& shape : *side)
            if (shape.size() != 3)
                return misfit(
                    entry, std::string("compares pictures [C, H, W]; the ") +
                               (side == &context.student_shapes ? "student" : "teacher") + "'s tap is " +
                               shape_text(shape) +
                               ". Choose taps after convolutions, or a term of pooled vectors such as rkd.");
    return {};
}

/// Both [B, C, H, W], brought to the smaller height and width by adaptive average pooling.
inline void meet(torch::Tensor& a, torch::Tensor& b) {
    auto [first, second] = at_smaller_size(a, b);
    a = std::move(first);
    b = std::move(second);
}

/// √x whose derivative at 0 is 0, not infinite.
inline torch::Tensor safe_sqrt(const torch::Tensor& x) {
    const auto none = x.le(0);
    return x.masked_fill(none, 1).sqrt().masked_fill(none, 0);
}

/// Rows scaled to length 1; rows shorter than `least` become zeros, without the huge gradient that a small
/// divisor would give them.
inline torch::Tensor unit_rows(const torch::Tensor& rows, double least = 1e-12) {
    const auto length = safe_sqrt(rows.square().sum(-1, true));
    const auto none = length.le(least);
    return (rows / length.masked_fill(none, 1)).masked_fill(none, 0);
}

} // namespace limbeck
