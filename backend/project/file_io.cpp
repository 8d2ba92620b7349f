// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/file_io.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sodium.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "backend/project/failure.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

constexpr std::string_view temporary_prefix = ".limbeck-tmp-";

[[noreturn]] void fail_file(const char* doing, const std::filesystem::path& path, int error_number) {
    std::string hint;
    if (error_number == ENOSPC || error_number == EDQUOT) hint = " Make room on that disk and try again.";
    if (error_number == EFBIG) hint = " Raise the limit on the size of files (ulimit -f) and try again.";
    if (error_number == EROFS || error_number == EACCES)
        hint = " Choose a place that you may write to, or change its permissions.";
    fail(ErrorKind::document,
         std::string(doing) + " " + path_text(path) + " failed: " + system_text(error_number) + "." + hint);
}

/// Length of the UTF-8 character that the text starts with, 0 if that is none.
std::size_t character_length(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length)
        if (is_utf8(text.substr(0, length))) return length;
    return 0;
}

} // namespace

std::string system_text(int error_number) {
    return std::generic_category().message(error_number);
}

std::string path_text(const std::filesystem::path& path) {
    std::string_view rest = path.native();
    std::string text;
    while (!rest.empty()) {
        const std::size_t length = character_length(rest);
        const auto first = static_cast<unsigned char>(rest[0]);
        if (length == 0 || first < 0x20 || first == 0x7F) {
            constexpr std::string_view digits = "0123456789abcdef";
            text += "\\x";
            text += digits[first >> 4];
            text += digits[first & 15];
            rest.remove_prefix(1);
        } else {
            text += rest.substr(0, length);
            rest.remove_prefix(length);
        }
    }
    return "\"" + text + "\"";
}

File::File(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

File File::open_for_reading(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) fail_file("Opening", path, errno);
    File file(descriptor, path);

    struct stat status {};

    if (::fstat(descriptor, &status) != 0) fail_file("Looking at", path, errno);
    if (S_ISDIR(status.st_mode)) fail_file("Reading", path, EISDIR);
    if (!S_ISREG(status.st_mode))
        fail(ErrorKind::document,
             "Reading " + path_text(path) + " failed: it is a pipe or a device, not a file.");
    return file;
}

File File::create(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) fail_file("Making", path, errno);
    return File(descriptor, path);
}

std::uint64_t File::size() const {
    struct stat status {};

    if (::fstat(descriptor_, &status) != 0) fail_file("Looking at", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
}

std::size_t File::read(std::span<std::byte> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::read(descriptor_, bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail_file("Reading", path_, errno);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

void File::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail_file("Writing", path_, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void File::sync() {
    if (::fsync(descriptor_) != 0) fail_file("Saving", path_, errno);
}

std::vector<std::byte> read_start(const std::filesystem::path& path, std::size_t limit) {
    File file = File::open_for_reading(path);
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(limit, file.size())));
    bytes.resize(file.read(bytes));
    return bytes;
}

void write_durably(const std::filesystem::path& target, const std::function<void(File&)>& content) {
    const std::filesystem::path temporary = target.parent_path() / temporary_name();
    try {
        {
            File file = File::create(temporary);
            content(file);
            file.sync();
        }
        if (::rename(temporary.c_str(), target.c_str()) != 0) fail_file("Naming", target, errno);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    sync_folder(target.parent_path());
}

void sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder.empty() ? "." : folder;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail_file("Opening", path, errno);
    const int failed = ::fsync(descriptor) != 0 ? errno : 0;
    ::close(descriptor);
    // Some file systems (of networks) cannot sync a folder and say so; there is nothing more to be done then.
    if (failed != 0 && failed != EINVAL && failed != ENOTSUP) fail_file("Saving", path, failed);
}

std::string temporary_name() {
    if (sodium_init() < 0) fail(ErrorKind::internal, "libsodium could not be started.");
    return std::string(temporary_prefix) + std::to_string(::getpid()) + "-" +
           std::to_string(randombytes_random());
}

bool is_temporary_name(const std::string& name) {
    return name.starts_with(temporary_prefix);
}

} // namespace limbeck
