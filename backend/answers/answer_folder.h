// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "backend/answers/answer_file.h"

namespace limbeck {

/// ${XDG_CACHE_HOME:-~/.cache}/limbeck/answers; empty where neither is known.
std::filesystem::path standard_answers_folder();

/// The files of a folder, the last used first; a folder that is not there has none. What is no file of
/// answers, whatever its name, is passed over.
std::vector<AnswerFileInfo> list_answers(const std::filesystem::path& folder, bool count);

struct Removed {
    std::int64_t files = 0, bytes = 0;
    std::int64_t in_use = 0; ///< files that stay because somebody has them open
};

/// Removes all files of answers that nobody has open, also those that cannot be read.
Removed clear_answers(const std::filesystem::path& folder);

/// Removes the least recently used until the rest takes at most `limit` bytes; `spared` stays.
Removed trim_answers(const std::filesystem::path& folder, std::int64_t limit,
                     const std::filesystem::path& spared);

} // namespace limbeck
