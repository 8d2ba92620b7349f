// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "backend/types/config.h"
#include "backend/types/error.h"
#include "backend/types/run.h"

namespace limbeck::cli {

/// "key=value", cut at the first '='.
Result<std::pair<std::string, std::string>> split_setting(const std::string& text);

/// Applies each "key=value". Relative paths in specs are taken from the working folder and kept relative to
/// `project`, the folder that they are read from later.
Result<void> apply_settings(ExperimentConfig& config, std::span<const std::string> settings,
                            const std::filesystem::path& project);

/// Relative to the project what was given relative to the working folder; absolute and empty paths stay.
std::string path_for_project(const std::string& path, const std::filesystem::path& project);

/// The number of a run, from 1.
Result<RunId> parse_run_id(const std::string& text);

/// The folder of a project that was named by itself or by its project.limbeck.
std::filesystem::path folder_of_project(const std::filesystem::path& path);

} // namespace limbeck::cli
