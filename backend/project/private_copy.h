// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace limbeck {

/// A copy of a database and its logs in the folder for temporary files, removed with the object. A viewer
/// reads it where SQLite would have to write beside the original: a log left by a killed writer in a folder
/// that may not be written, or a rollback journal.
class PrivateCopy {
  public:
    /// Copies until no file changed meanwhile; throws Failure when that does not succeed. `name` is how
    /// errors call the project.
    PrivateCopy(const std::filesystem::path& database, const std::string& name);
    ~PrivateCopy();
    PrivateCopy(const PrivateCopy&) = delete;
    PrivateCopy& operator=(const PrivateCopy&) = delete;

    const std::filesystem::path& database() const { return database_; }

  private:
    std::filesystem::path folder_, database_;
};

/// Whether looking at the database in its place would write more than SQLite's own -shm, or fail.
/// `write_ahead_log`: what the file's header says.
bool needs_private_copy(const std::filesystem::path& database, bool write_ahead_log);

} // namespace limbeck
