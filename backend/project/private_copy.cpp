// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/private_copy.h"

#include <cstdint>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/write_lock.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

fs::path with_suffix(const fs::path& database, const char* suffix) {
    fs::path path = database;
    path += suffix;
    return path;
}

constexpr const char* suffixes[] = {"", "-wal", "-journal"};

/// Sizes and times of the database and its logs: changes when anybody writes them.
std::vector<std::int64_t> signature(const fs::path& database) {
    std::vector<std::int64_t> values;
    for (const char* suffix : suffixes) {
        struct stat status {};

        if (::stat(with_suffix(database, suffix).c_str(), &status) == 0)
            values.insert(values.end(), {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec});
        values.push_back(-1);
    }
    return values;
}

void copy_content(const fs::path& from, const fs::path& to) {
    File source = File::open_for_reading(from);
    File target = File::create(to);
    std::vector<std::byte> buffer(1 << 20);
    while (const std::size_t count = source.read(buffer))
        target.write(std::span(buffer).first(count));
}

} // namespace

bool needs_private_copy(const fs::path& database, bool write_ahead_log) {
    std::error_code ignored;
    const fs::path journal = with_suffix(database, "-journal");
    const bool written_now = writer_of(database.parent_path()).has_value();
    if (!written_now && fs::exists(journal, ignored) && fs::file_size(journal, ignored) > 0) return true;
    if (!write_ahead_log) return false;
    if (!fs::exists(with_suffix(database, "-wal"), ignored)) return true; // SQLite would make one
    return !written_now && ::access(database.parent_path().c_str(), W_OK) != 0;
}

PrivateCopy::PrivateCopy(const fs::path& database, const std::string& name)
    : folder_(fs::temp_directory_path() / temporary_name()), database_(folder_ / database.filename()) {
    if (::mkdir(folder_.c_str(), 0700) != 0)
        fail(ErrorKind::document, "The project " + name + " cannot be viewed: no copy of it can be made in " +
                                      path_text(folder_.parent_path()) + ". Make room there, or set TMPDIR.");
    try {
        for (int attempts = 0; attempts < 10; ++attempts) {
            const auto before = signature(database);
            for (const char* suffix : suffixes) {
                const fs::path from = with_suffix(database, suffix), to = with_suffix(database_, suffix);
                fs::remove(to);
                std::error_code ignored;
                if (fs::exists(from, ignored)) copy_content(from, to);
            }
            if (signature(database) == before) return;
        }
        fail(ErrorKind::document, "The project " + name +
                                      " cannot be viewed: it changes faster than it can be " +
                                      "copied. Wait until the program that writes it has finished.");
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
        throw;
    }
}

PrivateCopy::~PrivateCopy() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

} // namespace limbeck
