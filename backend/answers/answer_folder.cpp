// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/answers/answer_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace limbeck {

namespace fs = std::filesystem;

namespace {

struct Found {
    fs::path path;
    std::int64_t bytes = 0, used = 0;
};

/// Regular files with the ending, the last used first.
std::vector<Found> files_of(const fs::path& folder) {
    std::vector<Found> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() != answer_file_ending) continue;

        struct stat status {};

        if (lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back({entry->path(), static_cast<std::int64_t>(status.st_blocks) * 512,
                         static_cast<std::int64_t>(status.st_mtime)});
    }
    std::sort(files.begin(), files.end(), [](const Found& one, const Found& other) {
        return one.used != other.used ? one.used > other.used : one.path < other.path;
    });
    return files;
}

/// False where somebody has the file open, or it cannot be removed.
bool remove_unused(const fs::path& path) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return false;
    const bool gone = flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(path.c_str()) == 0;
    close(descriptor);
    return gone;
}

void take(const Found& file, Removed& removed) {
    if (remove_unused(file.path)) {
        ++removed.files;
        removed.bytes += file.bytes;
    } else {
        ++removed.in_use;
    }
}

} // namespace

fs::path standard_answers_folder() {
    const auto variable = [](const char* name) -> fs::path {
        const char* value = std::getenv(name);
        return value && *value == '/' ? fs::path(value) : fs::path();
    };
    fs::path cache = variable("XDG_CACHE_HOME");
    if (cache.empty())
        if (const fs::path home = variable("HOME"); !home.empty()) cache = home / ".cache";
    return cache.empty() ? cache : cache / "limbeck" / "answers";
}

std::vector<AnswerFileInfo> list_answers(const fs::path& folder, bool count) {
    std::vector<AnswerFileInfo> list;
    for (const Found& file : files_of(folder))
        if (auto info = look_at_answers(file.path, count)) list.push_back(std::move(*info));
    return list;
}

Removed clear_answers(const fs::path& folder) {
    Removed removed;
    for (const Found& file : files_of(folder))
        take(file, removed);
    return removed;
}

Removed trim_answers(const fs::path& folder, std::int64_t limit, const fs::path& spared) {
    Removed removed;
    std::vector<Found> files = files_of(folder);
    std::erase_if(files, [&](const Found& file) { return file.path.filename() == spared.filename(); });
    std::int64_t total = 0;
    for (const Found& file : files)
        total += file.bytes;
    for (auto file = files.rbegin(); file != files.rend() && total > limit; ++file) {
        const std::int64_t before = removed.files;
        take(*file, removed);
        if (removed.files > before) total -= file->bytes;
    }
    return removed;
}

} // namespace limbeck
