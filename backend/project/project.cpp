// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/project.h"

#include <cerrno>
#include <sqlite3.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "backend/project/archive.h"
#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/file_system.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
#include "backend/project/store_runs.h"

// Making, opening and closing a project; what can be done with an open one is in project_calls.cpp.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Removes what a failed creation leaves in the folder.
void remove_files(const fs::path& folder) {
    std::error_code ignored;
    for (const char* file : {"project.limbeck", "project.limbeck-wal", "project.limbeck-shm",
                             "project.limbeck-journal", description_file_name, "objects"})
        fs::remove(folder / file, ignored);
}

} // namespace

fs::path plain_path(const fs::path& path) {
    const fs::path normal = fs::absolute(path).lexically_normal();
    return normal.has_filename() || !normal.has_relative_path() ? normal : normal.parent_path();
}

NewFolder::NewFolder(const fs::path& folder) {
    std::error_code error;
    const fs::file_status status = fs::status(folder, error);
    if (fs::exists(status)) {
        if (!fs::is_directory(status))
            fail(ErrorKind::document,
                 "A project cannot be made in " + path_text(folder) +
                     ": that is a file. Choose a folder that does not exist or is empty.");
        const bool empty = fs::is_empty(folder, error);
        if (error || !empty)
            fail(ErrorKind::document,
                 "A project cannot be made in " + path_text(folder) +
                     ": that folder is not empty. Choose one that does not exist or is empty.");
        return;
    }
    topmost_ = folder;
    while (topmost_.has_relative_path() && !fs::exists(topmost_.parent_path(), error))
        topmost_ = topmost_.parent_path();
    error.clear();
    fs::create_directories(folder, error);
    if (error) {
        std::error_code ignored;
        fs::remove_all(topmost_, ignored);
        fail(ErrorKind::document,
             "The folder " + path_text(folder) + " cannot be made. Choose a place that you may " +
                 "write to, with room on the disk.",
             error.message());
    }
}

NewFolder::~NewFolder() {
    if (kept_ || topmost_.empty()) return;
    std::error_code ignored;
    fs::remove_all(topmost_, ignored);
}

fs::path find_project_file(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        fail(ErrorKind::document,
             "There is no project at " + path_text(path) + ": nothing by that name exists.");
    if (!fs::is_directory(status)) {
        const fs::path file = plain_path(path);
        if (file.filename() == project_file_name) return file;
        if (looks_like_archive(file))
            fail(ErrorKind::document, "The file " + path_text(path) +
                                          " is an archive, not a project. Unpack it into a folder first: "
                                          "limbeck-cli unpack ARCHIVE -o FOLDER.");
        check_file_header(file, path_text(path));
        fail(ErrorKind::document, "The project " + path_text(path) +
                                      " cannot be opened: its file must have the name " +
                                      "project.limbeck. Give it that name again.");
    }
    const fs::path file = plain_path(path) / project_file_name;
    if (!fs::exists(file, error))
        fail(ErrorKind::document, "There is no project in " + path_text(path) +
                                      ": it has no file project.limbeck. Choose a folder that Limbeck made.");
    return file;
}

Result<std::unique_ptr<Project>> Project::create(const fs::path& path, const ExperimentConfig& config) {
    return attempt("making a project", [&] {
        auto state = std::make_unique<State>();
        state->folder = plain_path(path);
        state->access = Access::write;
        state->name = path_text(state->folder);
        NewFolder folder(state->folder);
        state->lock.emplace(WriteLock::acquire(state->folder, state->name));
        try {
            state->database = std::make_unique<Database>(state->folder / project_file_name,
                                                         Database::Mode::create, state->name);
            {
                // One transaction: after a crash there is a whole project or an empty file.
                WriteScope scope(*state->database);
                create_schema(*state->database);
                write_setting(*state->database, "configuration", to_json(config));
                write_setting(*state->database, "next_run", "1");
                scope.commit();
            }
            fs::create_directory(state->objects());
            sync_folder(state->folder);
            sync_folder(state->folder.parent_path());
            state->network = network_file_system(state->folder);
            state->start_journal();
            state->description.changed();
            state->describe();
        } catch (...) {
            state->database.reset();
            remove_files(state->folder);
            throw;
        }
        folder.keep();
        return std::unique_ptr<Project>(new Project(std::move(state)));
    });
}

Result<std::unique_ptr<Project>> Project::open(const fs::path& path, Access access) {
    return attempt("opening a project", [&] {
        const fs::path file = find_project_file(path);
        auto state = std::make_unique<State>();
        state->folder = file.parent_path();
        state->access = access;
        state->name = path_text(state->folder);
        const FileHeader header = check_file_header(file, state->name);
        if (access == Access::write) {
            state->open_writer(file);
        } else {
            state->open_viewer(file, header.write_ahead_log);
        }
        return std::unique_ptr<Project>(new Project(std::move(state)));
    });
}

Project::Project(std::unique_ptr<State> state) : state_(std::move(state)) {}

Project::~Project() {
    if (state_->access == Access::write) state_->leave_wal();
}

void Project::State::leave_wal() noexcept {
    const auto run = [&](const char* sql) {
        return sqlite3_exec(database->handle(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    if (database->in_transaction()) run("ROLLBACK");
    database->set_busy_timeout(0);
    if (!run("PRAGMA journal_mode=DELETE")) run("PRAGMA wal_checkpoint(TRUNCATE)");
}

Database& Project::State::writable(const char* doing) const {
    if (access != Access::write)
        fail(ErrorKind::document, std::string(doing) + " failed: the project " + name +
                                      " is open for viewing only. " +
                                      "Open it for writing, or save it under another name.");
    require_in_place();
    return *database;
}

void Project::State::require_in_place() const {
    if (identity.second == 0) return;

    struct stat status {};

    const int failed = ::stat((folder / project_file_name).c_str(), &status) != 0 ? errno : 0;
    if (failed == 0 && std::pair<std::uintmax_t, std::uintmax_t>(status.st_dev, status.st_ino) == identity)
        return;
    if (failed == 0)
        fail(ErrorKind::document,
             "The project " + name +
                 " was replaced by another file while it was open (repaired, brought to a "
                 "newer format, or copied over). Open it again.");
    if (failed == ENOENT || failed == ENOTDIR)
        fail(ErrorKind::document, "The project " + name +
                                      " is no longer where it was: its folder was moved, renamed or removed "
                                      "while it was open. Put it "
                                      "back there, and saving goes on; or open it where it is now.");
    fail(ErrorKind::document, "The project " + name + " cannot be reached: " + system_text(failed) + ".");
}

RunRecord Project::State::shown(RunRecord record) const {
    if (record.state != RunState::running && record.state != RunState::paused) return record;
    const bool alive =
        access == Access::write ? !left_behind.contains(record.id) : writer_of(folder).has_value();
    if (!alive) record.state = RunState::interrupted;
    return record;
}

const fs::path& Project::folder() const {
    return state_->folder;
}

bool Project::reads_a_copy() const {
    return state_->copy.has_value();
}

Project::Access Project::access() const {
    return state_->access;
}

std::vector<Project::Finding> Project::damage() const {
    return state_->damage;
}

std::vector<std::string> Project::notices() const {
    return state_->notices;
}

} // namespace limbeck
