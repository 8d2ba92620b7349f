// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "backend/project/project.h"

namespace limbeck::cli {

namespace {

using Findings = std::vector<Project::Finding>;

void list(Output& output, std::string_view event, const std::string& title, const Findings& findings) {
    if (!findings.empty() && !title.empty()) output.line(title);
    for (const Project::Finding& finding : findings) {
        output.object({{"event", event}, {"where", finding.where}, {"what", finding.what}});
        output.line((title.empty() ? "" : "  ") + finding.where + ": " + finding.what);
    }
}

/// "1 thing", "3 things".
std::string counted(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

Result<void> repair(const std::string& path, Output& output) {
    const auto report = Project::repair(path);
    if (!report) return tl::unexpected(report.error());
    list(output, "rebuilt", "Rebuilt:", report->rebuilt);
    list(output, "lost", "Lost:", report->lost);
    output.object({{"event", "repair"},
                   {"changed", report->changed},
                   {"kept", report->kept.string()},
                   {"rows", report->rows},
                   {"rebuilt", report->rebuilt.size()},
                   {"lost", report->lost.size()}});
    output.line(report->changed ? "A new database was built from " + std::to_string(report->rows) +
                                      " rows that read whole. The old one is kept as " +
                                      report->kept.filename().string() + "."
                                : std::string("The database needs no repair and was left as it is."));
    output.line("");
    return {};
}

} // namespace

Result<int> check_project(const Arguments& arguments, Output& output) {
    const std::string& path = arguments.positional[0];
    if (arguments.has("--repair"))
        if (auto done = repair(path, output); !done) return tl::unexpected(done.error());
    const auto project = Project::open(path, Project::Access::view);
    if (!project) return tl::unexpected(project.error());
    const auto findings = (*project)->verify();
    if (!findings) return tl::unexpected(findings.error());
    const auto remains = (*project)->remains();
    list(output, "finding", "", *findings);
    const std::string folder = (*project)->folder().string();
    if (remains) list(output, "remark", "Not damaged, and not needed:", *remains);
    const int code = findings->empty() ? exit_code::done : exit_code::failed;
    output.object({{"event", "result"},
                   {"findings", findings->size()},
                   {"remarks", remains ? remains->size() : 0},
                   {"exit_code", code}});
    if (findings->empty()) {
        output.line("Every row and every file of " + folder + " is as it was written.");
    } else {
        output.line(counted(findings->size(), "finding") + " in " + folder + "." +
                    (arguments.has("--repair")
                         ? ""
                         : " limbeck-cli check --repair builds a new database from what reads whole, "
                           "and keeps this one."));
    }
    return code;
}

} // namespace limbeck::cli
