// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "backend/types/error.h"

namespace limbeck::cli {

using Json = nlohmann::ordered_json;

/// Where a command writes: words for people, or one JSON object a line (docs/cli.md has their shapes).
class Output {
  public:
    explicit Output(bool json);

    bool json() const { return json_; }

    /// The standard output is a terminal that understands carriage return and colour codes.
    bool terminal() const { return terminal_; }

    /// Columns of the terminal, 80 if it does not say.
    int columns() const;

    /// A line for people; nothing with --json.
    void line(std::string_view text);
    /// A JSON object on a line of its own; nothing without --json.
    void object(const Json& object);
    /// Text as it stands, flushed (the progress line).
    void raw(std::string_view text);
    /// In words on the standard error, and as an object with --json.
    void error(const Error& error);
    /// In words on the standard error: something that is no error yet, but that somebody should see.
    void warning(std::string_view text);

  private:
    bool json_, terminal_;
};

std::string_view to_string(ErrorKind kind);

} // namespace limbeck::cli
