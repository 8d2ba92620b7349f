// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/help.h"

#include "app/cli/text.h"

namespace limbeck::cli {

std::string usage_line(const Command& command) {
    std::string line = "Usage: limbeck-cli " + std::string(command.name);
    for (std::string_view name : command.positional)
        line += " " + std::string(name);
    for (const Option& option : command.options) {
        line += " [" + std::string(option.name) +
                (option.value.empty() ? "" : " " + std::string(option.value)) + "]";
        if (option.repeated) line += "…";
    }
    return line;
}

std::string general_help() {
    std::string text =
        "limbeck-cli trains a small network with the help of a large one (knowledge distillation).\n\n"
        "Usage: limbeck-cli COMMAND …\n\nCommands:\n";
    std::vector<std::vector<std::string>> rows;
    for (const Command& command : commands()) {
        std::string name = "  " + std::string(command.name);
        for (std::string_view argument : command.positional)
            name += " " + std::string(argument);
        rows.push_back({name, std::string(command.summary)});
    }
    text += table(rows, 9);
    text += "\n\nlimbeck-cli COMMAND --help tells more about one; --version prints the version.\n"
            "A first experiment:\n"
            "  limbeck-cli new glyphs --sample glyphs\n"
            "  limbeck-cli run glyphs\n\n"
            "Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 130 cancelled.\n";
    return text;
}

std::string command_help(const Command& command) {
    std::string text =
        wrapped(usage_line(command), 0) + "\n\n" + wrapped(std::string(command.summary) + ".", 0) + "\n";
    if (!command.details.empty()) text += wrapped(command.details, 0) + "\n";
    std::vector<std::vector<std::string>> rows;
    for (const Option& option : command.options) {
        std::string name = "  " + std::string(option.name);
        if (!option.value.empty()) name += " " + std::string(option.value);
        rows.push_back({name, std::string(option.help)});
    }
    rows.push_back({"  --help", "print this help"});
    return text + "\nOptions:\n" + table(rows, 9) + "\n";
}

} // namespace limbeck::cli
