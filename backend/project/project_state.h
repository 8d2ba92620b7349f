// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backend/project/description.h"
#include "backend/project/private_copy.h"
#include "backend/project/project.h"
#include "backend/project/sqlite.h"
#include "backend/project/write_lock.h"

namespace limbeck {

/// What an open project holds. Members are destroyed from the last to the first: the database closes before
/// the lock is let go and before a private copy is removed.
struct Project::State {
    std::filesystem::path folder;
    Access access = Access::view;
    std::string name; ///< how errors call the project
    std::optional<WriteLock> lock;
    std::optional<PrivateCopy> copy;
    std::unique_ptr<Database> database;
    /// Runs that stood as running or paused when this writer opened the project: their process is dead.
    std::set<RunId> left_behind;
    std::vector<Finding> damage;        ///< found at the opening
    std::vector<std::string> notices;   ///< what a person should know about where the project lies
    bool salvaged = false;              ///< the database is a copy of what reads whole
    std::optional<std::string> network; ///< the kind of network file system that it lies on
    std::pair<std::uintmax_t, std::uintmax_t>
        identity; ///< device and inode of the database, when it is read in place

    void open_writer(const std::filesystem::path& file);
    void open_viewer(const std::filesystem::path& file, bool write_ahead_log);
    /// Reads what is whole into a database of its own, from `file` or a copy of it.
    void open_salvage(const std::filesystem::path& file);
    /// WAL, or the rollback journal on a network.
    void start_journal();
    void describe_damage();

    /// Throws Failure when the folder was moved, renamed or removed, or another database has taken the place
    /// of this one: SQLite would go on in files that nobody finds.
    void require_in_place() const;

    std::filesystem::path objects() const { return folder / "objects"; }

    Description description;

    /// After a change is in the database: outside of a transaction project.json follows.
    void describe() {
        if (!database->in_transaction()) description.bring_up_to_date(*database, folder);
    }

    /// Throws Failure in a viewer.
    Database& writable(const char* doing) const;
    /// `record` with the state that a person should see.
    RunRecord shown(RunRecord record) const;
    /// Back to a single file; with a viewer attached SQLite does not let us, and the next writer does it.
    void leave_wal() noexcept;
};

/// project.limbeck of a folder, or the file itself; throws Failure when there is none.
std::filesystem::path find_project_file(const std::filesystem::path& path);

/// Implements Project::copy_to.
void copy_project(Database& database, const std::filesystem::path& from, const std::filesystem::path& to,
                  const std::function<void(double)>& progress);

/// Copies the database page by page through SQLite, which reads the file and its log as one, into a new file
/// that is one file; `progress` gets the bytes done. Gives the bytes of the database.
double copy_database(Database& from, const std::filesystem::path& to,
                     const std::function<void(double)>& progress);
/// Implements Project::remains.
std::vector<Project::Finding> remains_of(Database& database, const std::filesystem::path& folder,
                                         bool written_now);

/// Implements Project::verify.
std::vector<Project::Finding> verify_project(Database& database, const std::filesystem::path& objects);

/// Makes a folder, which must not exist or be empty, with those above it; removes again what it made unless
/// told to keep it.
class NewFolder {
  public:
    explicit NewFolder(const std::filesystem::path& folder);
    ~NewFolder();
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;

    void keep() { kept_ = true; }

  private:
    std::filesystem::path topmost_; ///< the uppermost folder that had to be made; empty if none
    bool kept_ = false;
};

/// Absolute, without a slash at the end.
std::filesystem::path plain_path(const std::filesystem::path& path);

} // namespace limbeck
