// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cstdio>
#include <memory>
#include <span>
#include <sqlite3.h>
#include <system_error>
#include <vector>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/replace.h"
#include "backend/project/schema.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Counts bytes done into 0..1.
class Progress {
  public:
    Progress(const std::function<void(double)>& report, double total) : report_(report), total_(total) {}

    void at(double done) const {
        if (report_) report_(total_ > 0 ? done / total_ : 1.0);
    }

  private:
    const std::function<void(double)>& report_;
    double total_;
};

} // namespace

double copy_database(Database& from, const fs::path& to, const std::function<void(double)>& bytes_done) {
    Database target(to, Database::Mode::create, from.name());
    std::unique_ptr<sqlite3_backup, decltype(&sqlite3_backup_finish)> backup(
        sqlite3_backup_init(target.handle(), "main", from.handle(), "main"), sqlite3_backup_finish);
    if (!backup) target.fail_with(sqlite3_extended_errcode(target.handle()));
    const auto page = static_cast<double>(from.integer("PRAGMA page_size"));
    double bytes = 0;
    for (int code = SQLITE_OK; code != SQLITE_DONE;) {
        code = sqlite3_backup_step(backup.get(), 1024);
        if (code != SQLITE_OK && code != SQLITE_DONE) target.fail_with(code);
        bytes = page * sqlite3_backup_pagecount(backup.get());
        if (bytes_done) bytes_done(bytes - page * sqlite3_backup_remaining(backup.get()));
    }
    backup.reset();
    // The pages say WAL when the original is being written.
    target.text("PRAGMA journal_mode=DELETE");
    return bytes;
}

void copy_project(Database& database, const fs::path& from, const fs::path& to,
                  const std::function<void(double)>& progress) {
    if (database.in_transaction())
        fail(ErrorKind::internal, "A project cannot be copied within a transaction.");
    // Checked, and made when it does not exist, so that a wrong choice is known before anything is copied.
    NewFolder folder(to);
    const fs::path work = to.parent_path() / temporary_name();
    try {
        const ReadScope scope(database); // rows and objects of one moment, whoever writes meanwhile
        const std::vector<StoredObject> objects = stored_objects(database);
        double total = static_cast<double>(database.integer("PRAGMA page_count")) *
                       static_cast<double>(database.integer("PRAGMA page_size"));
        for (const StoredObject& object : objects)
            total += static_cast<double>(object.bytes);
        const Progress shown(progress, total);

        fs::create_directory(work);
        fs::create_directory(work / "objects");
        double done =
            copy_database(database, work / project_file_name, [&](double bytes) { shown.at(bytes); });
        for (const StoredObject& object : objects) {
            File target = File::create(work / "objects" / object.name);
            const std::string found =
                hash_file(from / "objects" / object.name, [&](std::span<const std::byte> piece) {
                    target.write(piece);
                    shown.at(done += static_cast<double>(piece.size()));
                });
            if (found != object.name)
                fail(ErrorKind::document, "The project " + database.name() +
                                              " cannot be copied: its object " + object.name +
                                              " is damaged. Remove the run that needs it, or copy the " +
                                              "file back from an older copy of the project.");
            target.sync();
        }
        sync_folder(work / "objects");
        sync_folder(work);
        // Takes the place of the empty folder in one step: the copy is there wholly or not at all.
        if (std::rename(work.c_str(), to.c_str()) != 0)
            fail(ErrorKind::document, "The copy of the project " + database.name() +
                                          " could not be given the name " + path_text(to) + ": " +
                                          system_text(errno) + ".");
        sync_folder(to.parent_path());
        shown.at(total);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(work, ignored);
        throw;
    }
    folder.keep();
}

} // namespace limbeck
