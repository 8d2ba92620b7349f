// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "app/cli/output.h"
#include "backend/project/project.h"
#include "backend/types/config.h"
#include "backend/types/run.h"

/// Runs as JSON objects and as words.
namespace limbeck::cli {

/// What show, run and the result print of a run; without its configuration.
Json run_json(const RunRecord& run);
Json summary_json(const RunSummary& summary);
Json optional_json(std::optional<double> value);
Json config_json(const ExperimentConfig& config);

/// What the archive of this project left out, in a sentence each; empty if nothing.
std::string left_out_text(const LeftOut& left_out);

/// "teacher", "student alone", "student".
std::string role_text(Role role);

} // namespace limbeck::cli
