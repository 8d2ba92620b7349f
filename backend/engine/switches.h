// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <string_view>

namespace limbeck {

/// Whether a means of speed is switched off by its environment variable, which then says "off": for
/// comparisons with the plain way (docs/performance.md).
inline bool switched_off(const char* variable) {
    const char* word = std::getenv(variable);
    return word && std::string_view(word) == "off";
}

} // namespace limbeck
