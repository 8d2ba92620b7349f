// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace limbeck {

/// What kind of thing went wrong; decides the exit code of limbeck-cli and what the window offers.
enum class ErrorKind {
    usage,         ///< wrong use of a command or an unknown name (exit 2)
    configuration, ///< a setting is out of range or two settings do not fit (exit 2)
    data,          ///< a data set cannot be read or is not what it says
    document,      ///< the project cannot be read or written
    device,        ///< a device is missing or lost
    memory,        ///< out of memory on the host or a device
    numeric,       ///< NaN or infinity in a loss or a gradient
    cancelled,     ///< somebody asked to stop: an outcome, never a failure (exit 130)
    internal,      ///< a defect of Limbeck or of a library
};

/// An error that carries what was being done, to what, what was found and what would be right.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message; ///< one or two sentences for people
    std::string field;   ///< key of the setting to mend ("training.batch_size"); empty if none
    std::string detail;  ///< long text for the log (a library's own words, a backtrace); may be empty
};

/// A value or the error that kept it from being made. No exception crosses a room's border.
template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(ErrorKind kind, std::string message, std::string field = {},
                                     std::string detail = {}) {
    return tl::unexpected<Error>(Error{kind, std::move(message), std::move(field), std::move(detail)});
}

} // namespace limbeck
