// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/replace.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/object_store.h"
#include "backend/project/schema.h"
#include "backend/project/steps.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

void sync_file(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int reason = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!done)
        fail(ErrorKind::document, "Saving " + path_text(path) + " failed: " + system_text(reason) + ".");
}

std::int64_t count_whole_rows(Database& database, const std::vector<const Table*>& tables) {
    std::int64_t rows = 0;
    for (const Table* table : tables)
        each_row_unchecked(database, *table, [&](const Row&, bool whole) { rows += whole; });
    return rows;
}

void require_same_rows(Database& old, Database& copy) {
    const auto tables = tables_of(old);
    const std::string damage = find_page_damage(copy);
    if (!damage.empty() || count_whole_rows(old, tables) != count_whole_rows(copy, tables))
        fail(ErrorKind::document,
             "The project " + old.name() +
                 " could not be brought to this format: the copy of its database is not as the original. "
                 "Nothing "
                 "was changed; check the disk.",
             damage);
    check_schema(copy);
}

} // namespace

fs::path keep_under(const fs::path& database, const std::string& stem) {
    const fs::path folder = database.parent_path();
    std::string hash;
    for (int number = 1;; ++number) {
        const fs::path kept = folder / (stem + (number > 1 ? "-" + std::to_string(number) : "") + ".limbeck");
        at_step("keep the old database");
        if (::link(database.c_str(), kept.c_str()) == 0) {
            sync_folder(folder);
            return kept;
        }
        if (errno != EEXIST) { // a file system without links
            std::error_code error;
            if (!fs::exists(kept, error)) {
                write_durably(kept, [&](File& target) {
                    hash_file(database, [&](std::span<const std::byte> piece) { target.write(piece); });
                });
                return kept;
            }
        }
        std::error_code error;
        if (fs::equivalent(database, kept, error)) return kept;
        if (hash.empty()) hash = hash_file(database);
        if (hash_file(kept) == hash)
            return kept; // left by one who was killed before he had put the new one in place
    }
}

void put_in_place(const fs::path& file, const fs::path& database) {
    at_step("make the new database durable");
    sync_file(file);
    at_step("rename the new database");
    if (std::rename(file.c_str(), database.c_str()) != 0)
        fail(ErrorKind::document, "Naming " + path_text(database) + " failed: " + system_text(errno) + ".");
    at_step("make the name durable");
    sync_folder(database.parent_path());
}

void migrate_on_a_copy(const fs::path& database, const std::string& name) {
    const fs::path work = database.parent_path() / temporary_name();
    try {
        std::int64_t version = 0;
        {
            at_step("copy the database");
            Database old(database, Database::Mode::view, name);
            version = old.integer("PRAGMA user_version");
            copy_database(old, work, {});
            at_step("change the copy");
            Database copy(work, Database::Mode::write, name);
            migrate_schema(copy);
            require_same_rows(old, copy);
        }
        keep_under(database, "project.format-" + std::to_string(version));
        put_in_place(work, database);
    } catch (...) {
        std::error_code ignored;
        for (const char* suffix : {"", "-journal"}) {
            fs::path file = work;
            fs::remove(file += suffix, ignored);
        }
        throw;
    }
}

} // namespace limbeck
