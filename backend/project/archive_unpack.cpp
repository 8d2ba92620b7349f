// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "backend/project/archive.h"
#include "backend/project/description.h"
#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
#include "backend/project/sha256.h"
#include "backend/project/zip_file.h"
#include "backend/project/zip_layout.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t spare_bytes = 64'000'000; ///< of the disk, that an archive may not take
constexpr double share_of_unpacking = 0.9;        ///< of the progress; the rest is for checking
constexpr std::size_t longest_ignored = 100;      ///< names told of

[[noreturn]] void refuse(const std::string& archive, const std::string& why) {
    fail(ErrorKind::document,
         "The archive " + archive + " is refused: " + why +
             " No archive that Limbeck writes does so; be careful with where it came from.");
}

/// "../a", "/a", "C:/a", "a\b" and names with a NUL: none of them is a plain place within a folder.
bool leads_elsewhere(const std::string& name) {
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string::npos ||
        name.find('\0') != std::string::npos || (name.size() > 1 && name[1] == ':'))
        return true;
    const fs::path path(name);
    return std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

/// Looks at all names before anything is unpacked.
void check_entries(const ZipReader& zip, const std::string& archive) {
    std::unordered_set<std::string> names;
    std::uint64_t packed = 0;
    for (const ZipEntry& entry : zip.entries()) {
        const std::string shown = path_text(entry.name.substr(0, 200));
        if (leads_elsewhere(entry.name))
            refuse(archive, "its file " + shown + " would be put outside of the folder.");
        if (!entry.plain) refuse(archive, "its file " + shown + " is a link or a device.");
        if (!names.insert(entry.name).second) refuse(archive, "it has the file " + shown + " twice.");
        if (entry.encrypted)
            fail(ErrorKind::document, "The archive " + archive + " cannot be unpacked: its file " + shown +
                                          " is encrypted. Unpack it with the program that made it.");
        // Entries that share their bytes are how a small file says that it is a huge one.
        packed += std::min(entry.packed_size, zip.file_size() + 1);
        if (packed > zip.file_size())
            refuse(archive, "its files are said to take more bytes than the archive has.");
    }
}

/// Where the project lies in the zip: "", or "My experiment/" where somebody packed a folder by hand.
std::string find_prefix(const ZipReader& zip, const std::string& archive) {
    const std::string file(project_file_name);
    std::optional<std::string> prefix;
    for (const ZipEntry& entry : zip.entries()) {
        const std::string& name = entry.name;
        if (name == file) return "";
        if (!name.ends_with("/" + file)) continue;
        if (prefix)
            fail(ErrorKind::document, "The archive " + archive +
                                          " holds several projects. Unpack it with another program and open "
                                          "the one that you want.");
        prefix = name.substr(0, name.size() - file.size());
    }
    if (!prefix)
        fail(ErrorKind::document, "The archive " + archive +
                                      " holds no project: there is no project.limbeck in it. Choose one that "
                                      "limbeck-cli archive, or Save Archive in the window, wrote.");
    return *prefix;
}

class Unpacking {
  public:
    Unpacking(const fs::path& file, fs::path work, const ArchiveProgress& progress)
        : archive_(path_text(file)), zip_(file), work_(std::move(work)), progress_(progress) {}

    void unpack(std::vector<std::string>* ignored) {
        check_entries(zip_, archive_);
        const std::string prefix = find_prefix(zip_, archive_);
        std::map<std::string, const ZipEntry*> members;
        for (const ZipEntry& entry : zip_.entries())
            if (entry.name.starts_with(prefix)) members[entry.name.substr(prefix.size())] = &entry;
        for (const char* log : {"-wal", "-journal"}) {
            const auto found = members.find(std::string(project_file_name) + log);
            if (found != members.end() && found->second->size > 0)
                fail(ErrorKind::document,
                     "The archive " + archive_ +
                         " was packed by hand while a program wrote the project, so that its file alone is "
                         "not "
                         "all of it. Unpack it with another program, or archive the project with Limbeck.");
        }

        const ZipEntry& database = *members.at(std::string(project_file_name));
        require_room(database.size);
        total_ = static_cast<double>(database.size);
        extract(database, work_ / project_file_name);
        const std::map<std::string, std::uint64_t> objects = objects_of_database();

        std::vector<std::pair<std::string, const ZipEntry*>> wanted;
        std::uint64_t bytes = 0;
        for (const auto& [name, size] : objects) {
            const auto found = members.find("objects/" + name);
            if (found == members.end())
                fail(ErrorKind::document, "The archive " + archive_ + " is not whole: the object " + name +
                                              ", which its project names, is not in it. Make it anew.");
            if (found->second->size != size)
                refuse(archive_, "its object " + name + " is said to have " +
                                     std::to_string(found->second->size) + " bytes, and the project says " +
                                     std::to_string(size) + ".");
            wanted.emplace_back(name, found->second);
            if (bytes + size < bytes) refuse(archive_, "its files are said to be larger than any disk.");
            bytes += size;
        }
        require_room(bytes);
        total_ += static_cast<double>(bytes);
        fs::create_directory(work_ / "objects");
        for (const auto& [name, entry] : wanted)
            extract_object(*entry, name);
        note_ignored(prefix, objects, ignored);
        sync_folder(work_ / "objects");
        sync_folder(work_);
    }

    /// Every sum of the project that was unpacked.
    void check() {
        Database database(work_ / project_file_name, Database::Mode::write, archive_);
        report(share_of_unpacking);
        const auto findings = verify_project(database, work_ / "objects");
        if (!findings.empty())
            fail(ErrorKind::document,
                 "The archive " + archive_ + " is damaged: of its project " + findings[0].where + ": " +
                     findings[0].what +
                     (findings.size() > 1 ? " (and " + std::to_string(findings.size() - 1) + " more)" : "") +
                     ". Get it once more from where it came from.");
        report(1);
    }

  private:
    void report(double share) {
        if (progress_ && !progress_(share))
            fail(ErrorKind::cancelled, "Unpacking " + archive_ + " was cancelled; nothing is left of it.");
    }

    void require_room(std::uint64_t bytes) {
        const auto there = static_cast<std::uint64_t>(fs::space(work_).available);
        const std::uint64_t room = there > spare_bytes ? there - spare_bytes : 0;
        if (bytes > room)
            fail(ErrorKind::document,
                 "The archive " + archive_ + " cannot be unpacked: it needs " +
                     size_text(static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, INT64_MAX))) +
                     ", and the disk has room for " + size_text(static_cast<std::int64_t>(room)) +
                     ". Make room, choose another disk, or do not trust the archive if it should be small.");
    }

    void extract(const ZipEntry& entry, const fs::path& target,
                 const std::function<void(std::span<const std::byte>)>& piece = {}) {
        if (entry.folder) refuse(archive_, "its file " + path_text(entry.name) + " is a folder.");
        if (entry.method != zip_layout::stored && entry.method != zip_layout::deflated)
            fail(ErrorKind::document,
                 "The archive " + archive_ + " cannot be unpacked: its file " + path_text(entry.name) +
                     " is packed in a way that Limbeck does not know. Pack it with deflate.");
        File file = File::create(target);
        zip_.read(entry, [&](std::span<const std::byte> bytes) {
            file.write(bytes);
            if (piece) piece(bytes);
            done_ += static_cast<double>(bytes.size());
            report(share_of_unpacking * std::min(1.0, done_ / std::max(1.0, total_)));
        });
        file.sync();
    }

    /// The first object that is not what its name says ends the unpacking.
    void extract_object(const ZipEntry& entry, const std::string& name) {
        Sha256 hash;
        extract(entry, work_ / "objects" / name,
                [&](std::span<const std::byte> bytes) { hash.update(bytes); });
        if (hash.hex() != name)
            fail(ErrorKind::document, "The archive " + archive_ + " is damaged: the SHA-256 of its object " +
                                          name + " is another. Get it once more from where it came from.");
    }

    std::map<std::string, std::uint64_t> objects_of_database() {
        check_file_header(work_ / project_file_name, archive_);
        Database database(work_ / project_file_name, Database::Mode::write, archive_);
        check_schema(database);
        database.text("PRAGMA journal_mode=DELETE");
        std::map<std::string, std::uint64_t> objects;
        for (const auto& [name, bytes] : stored_objects(database)) {
            if (!is_sha256(name) || bytes < 0)
                refuse(archive_, "its project names an object " + path_text(name.substr(0, 200)) + ".");
            objects[name] = static_cast<std::uint64_t>(bytes);
        }
        return objects;
    }

    void note_ignored(const std::string& prefix, const std::map<std::string, std::uint64_t>& objects,
                      std::vector<std::string>* ignored) {
        if (!ignored) return;
        for (const ZipEntry& entry : zip_.entries()) {
            if (entry.folder || ignored->size() >= longest_ignored) continue;
            if (entry.name.starts_with(prefix)) {
                const std::string name = entry.name.substr(prefix.size());
                if (name == project_file_name || name == description_file_name) continue;
                if (name.starts_with("objects/") && objects.contains(name.substr(8))) continue;
            }
            ignored->push_back(path_text(entry.name.substr(0, 200)));
        }
    }

    std::string archive_;
    ZipReader zip_;
    fs::path work_;
    const ArchiveProgress& progress_;
    double total_ = 0, done_ = 0;
};

} // namespace

Result<fs::path> unpack_archive(const fs::path& file, const fs::path& folder, const ArchiveProgress& progress,
                                std::vector<std::string>* ignored) {
    return attempt("unpacking an archive", [&]() -> fs::path {
        const fs::path to = plain_path(folder);
        NewFolder target(to);
        const fs::path work = to.parent_path() / temporary_name();
        try {
            fs::create_directory(work);
            {
                Unpacking unpacking(file, work, progress);
                unpacking.unpack(ignored);
                unpacking.check();
            }
            if (std::rename(work.c_str(), to.c_str()) != 0)
                fail(ErrorKind::document, "The unpacked project could not be given the name " +
                                              path_text(to) + ": " + system_text(errno) + ".");
            sync_folder(to.parent_path());
        } catch (...) {
            std::error_code ignored_error;
            fs::remove_all(work, ignored_error);
            throw;
        }
        target.keep();
        return to;
    });
}

bool looks_like_archive(const fs::path& file) {
    const auto looked = attempt("looking at a file", [&] {
        std::error_code error;
        if (!fs::is_regular_file(file, error)) return false;
        const std::vector<std::byte> start = read_start(file, 4);
        return start.size() == 4 && std::memcmp(start.data(), "PK\x03\x04", 4) == 0;
    });
    return looked.value_or(false);
}

} // namespace limbeck
