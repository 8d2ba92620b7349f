// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace limbeck {

using Clock = std::chrono::steady_clock;

inline double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

/// "2026-11-23T18:30:05Z", the form that records and events keep.
std::string now_utc();
/// The same of a time in seconds since 1970.
std::string utc_text(std::int64_t seconds);

} // namespace limbeck
