// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/cli/commands.h"

namespace limbeck::cli {

std::string general_help();
std::string command_help(const Command& command);
/// "Usage: limbeck-cli run PROJECT [--device DEVICE] …"
std::string usage_line(const Command& command);

} // namespace limbeck::cli
