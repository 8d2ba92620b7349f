// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/project.h"

#include <sqlite3.h>
#include <system_error>
#include <utility>

#include "backend/project/archive.h"
#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
#include "backend/project/store_runs.h"

// Making, opening and closing a project; what can be done with an open one is in project_calls.cpp.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// What is asked of an opened file before anything else is read.
void check_content(Database& database) {
    const ReadScope scope(database);
    check_schema(database);
    // Chunks of points can be many; the rows of `series` tell how many there must be.
    for (const Table* table : tables_of(database))
        if (table != &metric_chunk_table) note_damaged_rows(database, *table);
}

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
            state->database->text("PRAGMA journal_mode=WAL");
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
            state->lock.emplace(WriteLock::acquire(state->folder, state->name));
            state->database = std::make_unique<Database>(file, Database::Mode::write, state->name);
            check_content(*state->database);
            state->database->text("PRAGMA journal_mode=WAL");
            migrate_schema(*state->database);
            state->left_behind = runs_under_way(*state->database);
        } else if (needs_private_copy(file, header.write_ahead_log)) {
            state->copy.emplace(file, state->name);
            state->database =
                std::make_unique<Database>(state->copy->database(), Database::Mode::write, state->name);
            check_content(*state->database);
            state->database->execute("PRAGMA query_only=ON");
        } else {
            state->database = std::make_unique<Database>(file, Database::Mode::view, state->name);
            check_content(*state->database);
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
    return *database;
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

Project::Access Project::access() const {
    return state_->access;
}

} // namespace limbeck
