// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "backend/types/error.h"

namespace limbeck {

/// Calls `work` (which gives a Result) and turns whatever it throws into an Error that says what was being
/// done. The engine is built to throw nothing; a run must survive it all the same.
template <class F>
std::invoke_result_t<F> guarded(std::string_view doing, F&& work) {
    const auto failed = [doing](ErrorKind kind, std::string_view words, std::string detail = {}) {
        std::string text(doing);
        text += ": ";
        text += words;
        return failure(kind, std::move(text), {}, std::move(detail));
    };
    try {
        return std::forward<F>(work)();
    } catch (const std::bad_alloc& error) {
        return failed(ErrorKind::memory,
                      "there was not enough memory. Close other programs, or choose a smaller batch, "
                      "network or data set.",
                      error.what());
    } catch (const std::exception& error) {
        return failed(ErrorKind::internal, error.what(), error.what());
    } catch (...) {
        return failed(ErrorKind::internal,
                      "something failed that gave no reason (a defect of Limbeck or of a library).");
    }
}

} // namespace limbeck
