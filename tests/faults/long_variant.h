// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace limbeck::test {

/// How often something is tried: `few` in the tests that everybody runs, else what the environment says
/// (scripts/reliability.sh does).
inline std::int64_t times(const char* variable, std::int64_t few) {
    const char* text = std::getenv(variable);
    return text && *text ? std::stoll(text) : few;
}

} // namespace limbeck::test
