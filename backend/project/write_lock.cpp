// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/write_lock.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"

namespace limbeck {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& folder) {
    return folder / "project.lock";
}

std::string own_text() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    std::array<char, 32> since{};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(since.data(), since.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
    return std::string(program_invocation_short_name) + ", process " + std::to_string(::getpid()) + " on " +
           host.data() + ", since " + since.data() + "\n";
}

/// The holder's text, cut to one short printable line: it may be anything when the folder comes from a
/// stranger.
std::string holder_text(int descriptor) {
    std::array<char, 200> buffer{};
    const ssize_t size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    text.resize(std::min(text.find('\n'), text.size()));
    std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
    return text.empty() ? "another program" : text;
}

/// True when the open file is still the one that the name leads to (its last holder may have removed it).
bool is_current(int descriptor, const std::filesystem::path& file) {
    struct stat opened {
    }, named{};

    return ::fstat(descriptor, &opened) == 0 && ::stat(file.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

} // namespace

WriteLock::WriteLock(int descriptor, std::filesystem::path file)
    : descriptor_(descriptor), file_(std::move(file)) {}

WriteLock::WriteLock(WriteLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), file_(std::move(other.file_)) {}

WriteLock::~WriteLock() {
    if (descriptor_ < 0) return;
    if (!file_.empty())
        ::unlink(file_.c_str()); // before the lock is let go, so that nobody else's file can be meant
    ::close(descriptor_);
}

WriteLock WriteLock::acquire(const std::filesystem::path& folder, const std::string& name) {
    const std::filesystem::path file = lock_file(folder);
    const std::string refused = "The project " + name + " cannot be opened for writing: ";
    // A viewer that asks who writes holds a shared lock for some microseconds: try a few times.
    std::string holder = "another program";
    for (int attempts = 0; attempts < 20; ++attempts) {
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (descriptor < 0)
            fail(ErrorKind::document, refused + system_text(errno) +
                                          " in its folder. Open it for viewing, or copy " +
                                          "it to a place that you may write to.");
        WriteLock lock(descriptor, file);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            if (!is_current(descriptor, file)) {
                lock.file_.clear(); // its name belongs to another one by now
                continue;
            }
            const std::string text = own_text();
            // The text only serves people: without it (full disk) the lock holds as well.
            [[maybe_unused]] const bool told =
                ::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, text.data(), text.size(), 0) > 0;
            return lock;
        }
        const int reason = errno;
        lock.file_.clear();
        if (reason != EWOULDBLOCK && reason != EINTR)
            fail(ErrorKind::document, refused + "its file system does not lock files (" +
                                          system_text(reason) + "). Copy the project to a local disk.");
        holder = holder_text(descriptor);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    fail(ErrorKind::document,
         refused + "it is being written by " + holder + ". Close it there, or open it for viewing.");
}

std::optional<std::string> writer_of(const std::filesystem::path& folder) {
    const int descriptor = ::open(lock_file(folder).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (descriptor < 0) return std::nullopt;
    std::optional<std::string> holder;
    if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) holder = holder_text(descriptor);
    ::close(descriptor);
    return holder;
}

} // namespace limbeck
