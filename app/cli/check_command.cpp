// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "backend/project/project.h"

namespace limbeck::cli {

Result<int> check_project(const Arguments& arguments, Output& output) {
    const auto project = Project::open(arguments.positional[0], Project::Access::view);
    if (!project) return tl::unexpected(project.error());
    const auto findings = (*project)->verify();
    if (!findings) return tl::unexpected(findings.error());
    for (const Project::Finding& finding : *findings) {
        output.object({{"event", "finding"}, {"where", finding.where}, {"what", finding.what}});
        output.line(finding.where + ": " + finding.what);
    }
    const int code = findings->empty() ? exit_code::done : exit_code::failed;
    output.object({{"event", "result"}, {"findings", findings->size()}, {"exit_code", code}});
    output.line(
        findings->empty()
            ? "Every row and every file of " + (*project)->folder().string() + " is as it was written."
            : std::to_string(findings->size()) + " damaged in " + (*project)->folder().string() + ".");
    return code;
}

} // namespace limbeck::cli
