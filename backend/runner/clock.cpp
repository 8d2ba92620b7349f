// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/clock.h"

#include <array>
#include <ctime>

namespace limbeck {

std::string now_utc() {
    return utc_text(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

std::string utc_text(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 32> text{};
    // Digits only: no locale has a say in these conversions.
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), length};
}

} // namespace limbeck
