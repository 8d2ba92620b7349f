// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/output.h"
#include "backend/types/error.h"

namespace limbeck::cli {

/// What the shell is told.
namespace exit_code {
inline constexpr int done = 0, failed = 1, wrong_use = 2, cancelled = 130;
}

int exit_code_of(ErrorKind kind);

/// One command of limbeck-cli: how it is called and what does it.
struct Command {
    std::string_view name;
    std::vector<std::string_view> positional;
    std::string_view summary; ///< one line for the list
    std::string_view details; ///< paragraphs for its own help; may be empty
    std::vector<Option> options;
    /// The exit code, or the error that main() reports.
    Result<int> (*execute)(const Arguments&, Output&) = nullptr;
};

std::span<const Command> commands();
const Command* find_command(std::string_view name);

Result<int> list_devices(const Arguments& arguments, Output& output);
Result<int> list_datasets(const Arguments& arguments, Output& output);
Result<int> list_models(const Arguments& arguments, Output& output);
Result<int> list_objectives(const Arguments& arguments, Output& output);
Result<int> list_schemes(const Arguments& arguments, Output& output);
Result<int> list_samples(const Arguments& arguments, Output& output);
Result<int> make_project(const Arguments& arguments, Output& output);
Result<int> run_experiment(const Arguments& arguments, Output& output);
Result<int> resume_run(const Arguments& arguments, Output& output);
Result<int> repeat_run(const Arguments& arguments, Output& output);
Result<int> show_project(const Arguments& arguments, Output& output);
Result<int> check_project(const Arguments& arguments, Output& output);
Result<int> archive_project(const Arguments& arguments, Output& output);
Result<int> unpack_project(const Arguments& arguments, Output& output);
Result<int> kept_answers(const Arguments& arguments, Output& output);
Result<int> export_run(const Arguments& arguments, Output& output);
Result<int> evaluate_objective(const Arguments& arguments, Output& output);
Result<int> forward_network(const Arguments& arguments, Output& output);
Result<int> compare_weights(const Arguments& arguments, Output& output);
Result<int> cost_by_layer(const Arguments& arguments, Output& output);

} // namespace limbeck::cli
