// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string_view>

namespace limbeck {

/// Called before each step with which a database takes the place of another; tests kill the process there.
inline std::function<void(std::string_view)>& before_step() {
    static std::function<void(std::string_view)> hook;
    return hook;
}

inline void at_step(std::string_view step) {
    if (before_step()) before_step()(step);
}

} // namespace limbeck
