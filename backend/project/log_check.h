// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace limbeck {

/// What is wrong, in words, with the write-ahead log beside a database that nobody writes: SQLite itself
/// reads a log up to the first damaged frame and says nothing. nullopt where there is no log, or where it
/// ends as that of a killed program may end: within a save that never came to its end.
std::optional<std::string> find_log_damage(const std::filesystem::path& database);

} // namespace limbeck
