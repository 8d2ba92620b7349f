// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/output.h"
#include "backend/runner/session.h"
#include "backend/types/nearest.h"

namespace limbeck::cli {

namespace {

int refuse(Output& output, const std::string& message, const std::string& hint) {
    output.error({ErrorKind::usage, message, {}, hint});
    return exit_code::wrong_use;
}

int execute(const Command& command, std::span<const std::string> words, Output& output) {
    const auto arguments = parse_arguments(words, command.options, command.positional);
    if (!arguments)
        return refuse(output, arguments.error().message,
                      usage_line(command) + "\nlimbeck-cli " + std::string(command.name) +
                          " --help tells more.");
    if (arguments->has("--help")) {
        output.raw(command_help(command));
        return exit_code::done;
    }
    const auto code = command.execute(*arguments, output);
    if (code) return *code;
    output.error(code.error());
    return exit_code_of(code.error().kind);
}

int run(const std::vector<std::string>& words) {
    // Looked for before all else: an error in the words themselves is told in the form that was asked for.
    Output output(std::find(words.begin(), words.end(), "--json") != words.end());
    if (words.empty()) return refuse(output, "A command is missing.", "limbeck-cli --help lists them.");
    const std::string& name = words.front();
    if (name == "--version") {
        output.raw("limbeck-cli " LIMBECK_VERSION "\n");
        return exit_code::done;
    }
    const bool help = name == "help" || name == "--help" || name == "-h";
    if (help && words.size() == 1) {
        output.raw(general_help());
        return exit_code::done;
    }
    const std::string& wanted = help ? words[1] : name;
    const Command* command = find_command(wanted);
    if (!command) {
        std::vector<std::string_view> names;
        for (const Command& each : commands())
            names.push_back(each.name);
        return refuse(output,
                      "There is no command " + in_quotes(wanted) + "; the nearest is " +
                          std::string(nearest_name(wanted, names)) + ".",
                      "limbeck-cli --help lists them.");
    }
    if (help) {
        output.raw(command_help(*command));
        return exit_code::done;
    }
    return execute(*command, std::span(words).subspan(1), output);
}

} // namespace

} // namespace limbeck::cli

int main(int count, char** words) {
    limbeck::prepare_process();
    try {
        return limbeck::cli::run(std::vector<std::string>(words + 1, words + std::max(count, 1)));
    } catch (const std::exception& error) {
        limbeck::cli::Output output(false);
        output.error({limbeck::ErrorKind::internal,
                      std::string("Something went wrong inside Limbeck: ") + error.what(),
                      {},
                      {}});
        return limbeck::cli::exit_code::failed;
    }
}
