// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "backend/project/project.h"
#include "backend/project/salvage.h"

namespace limbeck {

/// Makes a project of the rows that were saved into `database`: puts single flipped bits right, counts points
/// anew, finds objects again, numbers the next run. What it made and what is lost go into the report. Part of
/// the caller's transaction.
void rebuild(Database& database, const std::filesystem::path& objects, Salvage salvage,
             Project::RepairReport& report);

/// What a damaged row means for who looks at the project: "run 3 is left out".
std::string consequence(const DamagedRow& damaged);

} // namespace limbeck
