// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "backend/types/error.h"

namespace limbeck {

/// The exception being handled as an Error: memory before the other errors of torch, a short text for people
/// in `message`, the library's own words with their backtrace in `detail`. `doing` completes "… while":
/// "training the student". Call it in a catch block only.
Error current_error(std::string_view doing);

/// Runs `body`, which returns a Result, and turns whatever it throws into an Error. Every function of the
/// engine's border goes through it.
template <class Body>
std::invoke_result_t<Body> guarded(std::string_view doing, Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        return tl::unexpected<Error>(current_error(doing));
    }
}

} // namespace limbeck
