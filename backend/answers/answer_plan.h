// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backend/types/error.h"

namespace limbeck {

/// What a folder of kept answers may take on the disk, all of them together.
inline constexpr std::int64_t answer_folder_limit = 8'000'000'000;

/// Ways in which a picture can be cropped and mirrored.
std::int64_t count_views(std::int64_t crop_padding, bool flip);

/// What is asked for, and all that says whether it can be.
struct AnswerWish {
    std::string wish = "off"; ///< "off" | "auto" | "float32" | "half"
    bool teacher = true;      ///< there is one
    bool mixup = false;       ///< what it is asked never comes twice
    std::string features;     ///< a term that compares features, which are not kept; empty: none
    std::int64_t samples = 0, views = 1, classes = 0;
    std::int64_t budget = 0; ///< bytes of memory
    std::int64_t spare = -1; ///< bytes that the training leaves free on its device; -1: not known
    std::string folder;      ///< empty: none
};

/// "half" or "float32", as the setting is named.
inline std::string kept_precision(bool half) {
    return half ? "half" : "float32";
}

enum class AnswersKept { nowhere, in_memory, on_disk };

struct AnswerPlan {
    AnswersKept where = AnswersKept::nowhere;
    bool half = false;
    bool to_disk = false;   ///< what is in memory goes there too
    std::string why;        ///< why they are not kept, "because …"; empty: nobody asked for it
    std::int64_t bytes = 0; ///< of all answers, in memory or on the disk
};

/// Where answers are kept: in memory where they fit, else on the disk where there is a folder. "auto" is
/// never refused; what is asked for by name is, in words, where it would not be exact or has no room.
Result<AnswerPlan> plan_answers(const AnswerWish& wish);

} // namespace limbeck
