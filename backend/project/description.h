// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "backend/project/sqlite.h"
#include "backend/types/run.h"

/// `project.json`: what a project is about, as text that version control can compare. It is written and never
/// read: project.limbeck is what counts.
namespace limbeck {

inline constexpr const char* description_file_name = "project.json";

/// Configuration and runs with the results of those that are over; keys sorted, one value a line, equal for
/// equal content. Nothing that changes from second to second.
std::string describe_project(Database& database);

/// Keeps the file beside the database up to date.
class Description {
  public:
    void changed() { stale_ = true; }

    /// Stale only where the description says something of what is new: steps and seconds are not in it.
    void changed(const RunRecord& run);

    /// Writes the file if it is stale, by a temporary name and without fsync. What goes wrong ends nothing:
    /// see take_trouble(). Outside of transactions alone.
    void bring_up_to_date(Database& database, const std::filesystem::path& folder) noexcept;

    /// Why the file could not be written, once each time that this begins.
    std::optional<std::string> take_trouble();

  private:
    bool stale_ = false, failing_ = false;
    std::string written_;
    std::map<RunId, std::string> runs_;
    std::optional<std::string> trouble_;
};

} // namespace limbeck
