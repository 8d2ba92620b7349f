// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend/project/project.h"

/// A life of a project in small steps, the same every time: made, written, closed, opened again, migrated
/// from an older format, copied. After each step all of it must be safe.
namespace limbeck::test {

/// Where a script is carried out: `folder`/p is the project, `folder`/copy its copy.
struct Workbench {
    std::filesystem::path folder;
    std::unique_ptr<Project> project; ///< open between the steps, but for those after it was closed
};

struct ScriptStep {
    std::string name;
    std::function<Result<void>(Workbench&)> work;
};

/// In order. Every step can be done again when a fault kept it from being done, or from being told.
std::vector<ScriptStep> store_script();

/// Opens the project for writing unless `next` is the step that makes it or opens it itself.
Result<void> reach(Workbench& bench, std::size_t next);

/// All that a project has, in words; "" where there is no project (the step that makes it was not done), and
/// an error's message, after "error: ", where there is one that cannot be read or that verify() finds fault
/// with.
std::string content_of(const std::filesystem::path& bench_folder);

/// content_of() after each step of an undisturbed life; [0] is before the first one.
std::vector<std::string> expected_contents(const std::filesystem::path& folder);

} // namespace limbeck::test
