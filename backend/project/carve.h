// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>

#include "backend/project/value.h"

namespace limbeck {

/// The pages of a project's file, whatever stands in its header and trees (Limbeck has no other page size).
inline constexpr std::size_t project_page_size = 4096;

/// Reads a database file page by page without SQLite: gives the cells of every record on every page of an
/// index tree (Limbeck's tables are such trees) that is not on the list of free pages. Which table a record
/// is of, and whether it is whole, tells its check sum. Records that are cut or point outside of the file are
/// left out. Throws Failure when the file cannot be read.
void carve_records(const std::filesystem::path& file, const std::function<void(Row&&)>& visit);

/// Puts right the constants of the header's 100 bytes that are the same in every project, in place. True if
/// one of them was damaged.
bool mend_header(const std::filesystem::path& file, bool with_log);

} // namespace limbeck
