// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/dataset.h"

namespace limbeck {

std::string to_string(const InputSpec& input) {
    std::string text;
    for (std::int64_t extent : input.shape) {
        if (!text.empty()) text += 'x';
        text += std::to_string(extent);
    }
    return text;
}

} // namespace limbeck
