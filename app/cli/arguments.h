// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/error.h"

namespace limbeck::cli {

/// One option of a command: a switch, or one that takes a value.
struct Option {
    std::string_view name;  ///< "--device"
    std::string_view value; ///< what it takes, for the help ("FILE"); empty: a switch
    std::string_view help;
    bool repeated = false;
};

/// What a command line gave.
class Arguments {
  public:
    std::vector<std::string> positional;

    bool has(std::string_view option) const { return values_.count(std::string(option)) > 0; }

    /// The option's value; empty optional where it was not given.
    std::optional<std::string> value(std::string_view option) const;
    std::vector<std::string> values(std::string_view option) const;

  private:
    friend Result<Arguments> parse_arguments(std::span<const std::string> words,
                                             std::span<const Option> options,
                                             std::span<const std::string_view> positional);
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Reads "--name value" and "--name=value", in any order with the positional ones; "--" ends the options.
/// Every positional argument named must be there and no other. "--help" ends reading: the rest is not
/// checked.
Result<Arguments> parse_arguments(std::span<const std::string> words, std::span<const Option> options,
                                  std::span<const std::string_view> positional);

} // namespace limbeck::cli
