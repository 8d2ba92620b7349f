// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/file_calls.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <dlfcn.h>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace limbeck::test {

namespace {

struct OpenFile {
    std::string path;
    int handle = -1;
};

struct Watch {
    std::mutex mutex;
    std::string folder; ///< with a slash at the end; empty: nothing is watched
    std::map<int, OpenFile> open;
    int next_handle = 0;

    unsigned failing = 0;
    std::int64_t nth = 0, calls = 0;
    int error_number = 0;
    bool once = false, failed = false;

    bool recording = false;
    std::vector<FileEvent> events;
};

Watch& state() {
    static auto* watch = new Watch; // calls come until the very end of the process
    return *watch;
}

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

#define LIMBECK_REAL(name) static auto* const call = real<decltype(::name)>(#name)

std::optional<std::string> watched(const Watch& watch, const char* path) {
    if (watch.folder.empty() || !path) return std::nullopt;
    const std::string text(path);
    if (text + "/" == watch.folder) return std::string();
    if (text.compare(0, watch.folder.size(), watch.folder) != 0) return std::nullopt;
    return text.substr(watch.folder.size());
}

/// Whether this call is to fail; errno is set then.
bool fails(Watch& watch, unsigned kind) {
    if (!(watch.failing & kind)) return false;
    const std::int64_t number = watch.calls++;
    if (number < watch.nth || (watch.once && number > watch.nth)) return false;
    watch.failed = true;
    errno = watch.error_number;
    return true;
}

bool is_recorded(const Watch& watch, const std::string& path) {
    return watch.recording && !path.ends_with("-shm");
}

void note(Watch& watch, FileEvent event) {
    if (is_recorded(watch, event.path)) watch.events.push_back(std::move(event));
}

/// What stands between a call with a descriptor and the system; `done` gives the event of a success.
template <class Call, class Done>
auto on_descriptor(int descriptor, unsigned kind, Call&& call, Done&& done) -> decltype(call()) {
    Watch& watch = state();
    const std::lock_guard lock(watch.mutex);
    const auto found = watch.open.find(descriptor);
    if (found == watch.open.end()) return call();
    if (fails(watch, kind)) return -1;
    const auto result = call();
    if (result >= 0 && is_recorded(watch, found->second.path)) {
        FileEvent event = done(result);
        event.path = found->second.path;
        event.handle = found->second.handle;
        note(watch, std::move(event));
    }
    return result;
}

template <class Write>
ssize_t write_bytes(int descriptor, const void* bytes, std::size_t count, off_t offset, Write&& write) {
    {
        // A full disk takes what still fits.
        Watch& watch = state();
        const std::lock_guard lock(watch.mutex);
        if (watch.open.contains(descriptor) && (watch.failing & file_calls::writing) && !watch.failed &&
            watch.calls == watch.nth && watch.error_number == ENOSPC && count > 1)
            count /= 2, --watch.calls;
    }
    if (offset < 0) offset = ::lseek(descriptor, 0, SEEK_CUR);
    return on_descriptor(
        descriptor, file_calls::writing, [&] { return write(count); },
        [&](ssize_t written) {
            FileEvent event;
            event.kind = FileEvent::Kind::write;
            event.offset = offset;
            event.bytes.assign(static_cast<const char*>(bytes), static_cast<const char*>(bytes) + written);
            return event;
        });
}

template <class Open>
int open_file(const char* path, int flags, Open&& open) {
    Watch& watch = state();
    const std::lock_guard lock(watch.mutex);
    const auto name = watched(watch, path);
    if (!name) {
        const int descriptor = open();
        watch.open.erase(descriptor);
        return descriptor;
    }

    struct stat status {};

    const bool there = ::stat(path, &status) == 0;
    const bool makes = (flags & O_CREAT) && !there;
    if (makes && fails(watch, file_calls::making)) return -1;
    const int descriptor = open();
    if (descriptor < 0) return descriptor;
    const OpenFile opened{*name, watch.next_handle++};
    watch.open[descriptor] = opened;
    FileEvent event;
    event.kind = FileEvent::Kind::open;
    event.path = opened.path;
    event.handle = opened.handle;
    event.created = makes;
    note(watch, event);
    if ((flags & O_TRUNC) && there) {
        event.kind = FileEvent::Kind::truncate;
        note(watch, event);
    }
    return descriptor;
}

template <class Call>
int on_path(const char* path, const char* to, unsigned kind, FileEvent::Kind what, Call&& call) {
    Watch& watch = state();
    const std::lock_guard lock(watch.mutex);
    const auto name = watched(watch, path), other = to ? watched(watch, to) : std::nullopt;
    if (!name && !other) return call();
    if (kind && fails(watch, kind)) return -1;
    const int result = call();
    if (result != 0 || !name) return result;
    FileEvent event;
    event.kind = what;
    event.path = *name;
    event.to = other.value_or("");
    note(watch, std::move(event));
    return result;
}

void begin_failing(unsigned calls, std::int64_t nth, int error_number, bool once) {
    Watch& watch = state();
    const std::lock_guard lock(watch.mutex);
    watch.failing = calls;
    watch.nth = nth;
    watch.error_number = error_number;
    watch.once = once;
    watch.calls = 0;
    watch.failed = false;
}

} // namespace

namespace file_calls {

void watch(const std::filesystem::path& folder) {
    forget();
    const std::lock_guard lock(state().mutex);
    state().folder = folder.string() + "/";
}

void follow_open_files() {
    Watch& watch = state();
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code none;
        const std::string target = std::filesystem::read_symlink(entry.path(), none).string();
        const std::lock_guard lock(watch.mutex);
        const auto name = watched(watch, target.c_str());
        if (none || !name) continue;
        const int descriptor = std::stoi(entry.path().filename().string());
        watch.open[descriptor] = {*name, watch.next_handle++};
    }
}

void forget() {
    Watch& watch = state();
    const std::lock_guard lock(watch.mutex);
    watch.folder.clear();
    watch.open.clear();
    watch.failing = 0;
    watch.recording = false;
    watch.events.clear();
}

void fail(unsigned calls, std::int64_t nth, int error_number) {
    begin_failing(calls, nth, error_number, false);
}

void fail_once(unsigned calls, std::int64_t nth, int error_number) {
    begin_failing(calls, nth, error_number, true);
}

void heal() {
    const std::lock_guard lock(state().mutex);
    state().failing = 0;
}

bool failed() {
    const std::lock_guard lock(state().mutex);
    return state().failed;
}

std::int64_t counted() {
    const std::lock_guard lock(state().mutex);
    return state().calls;
}

void record() {
    const std::lock_guard lock(state().mutex);
    state().recording = true;
}

void mark(std::int64_t number) {
    const std::lock_guard lock(state().mutex);
    FileEvent event;
    event.offset = number;
    note(state(), event);
}

std::vector<FileEvent> recorded() {
    const std::lock_guard lock(state().mutex);
    state().recording = false;
    return std::move(state().events);
}

} // namespace file_calls

} // namespace limbeck::test

// --- the calls themselves, under the names by which everybody calls them
// ------------------------------------

using namespace limbeck::test; // NOLINT(google-build-using-namespace): nothing else follows

namespace {

mode_t mode_of(int flags, std::va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

FileEvent event_of(FileEvent::Kind kind, std::int64_t offset = 0) {
    FileEvent event;
    event.kind = kind;
    event.offset = offset;
    return event;
}

} // namespace

// Seen by the shared libraries, too.
#pragma GCC visibility push(default)

extern "C" {

int open(const char* path, int flags, ...) {
    LIMBECK_REAL(open);
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(path, flags, [&] { return call(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
    LIMBECK_REAL(open64);
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(path, flags, [&] { return call(path, flags, mode); });
}

int close(int descriptor) {
    LIMBECK_REAL(close);
    {
        const std::lock_guard lock(state().mutex);
        state().open.erase(descriptor);
    }
    return call(descriptor);
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
    LIMBECK_REAL(write);
    return write_bytes(descriptor, bytes, count, -1,
                       [&](size_t some) { return call(descriptor, bytes, some); });
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
    LIMBECK_REAL(pwrite);
    return write_bytes(descriptor, bytes, count, offset,
                       [&](size_t some) { return call(descriptor, bytes, some, offset); });
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
    LIMBECK_REAL(pwrite64);
    return write_bytes(descriptor, bytes, count, offset,
                       [&](size_t some) { return call(descriptor, bytes, some, offset); });
}

ssize_t read(int descriptor, void* bytes, size_t count) {
    LIMBECK_REAL(read);
    {
        const std::lock_guard lock(state().mutex);
        if (state().open.contains(descriptor) && fails(state(), file_calls::reading)) return -1;
    }
    return call(descriptor, bytes, count); // not under the lock: a pipe may block
}

ssize_t pread64(int descriptor, void* bytes, size_t count, off64_t offset) {
    LIMBECK_REAL(pread64);
    {
        const std::lock_guard lock(state().mutex);
        if (state().open.contains(descriptor) && fails(state(), file_calls::reading)) return -1;
    }
    return call(descriptor, bytes, count, offset);
}

int ftruncate(int descriptor, off_t length) noexcept {
    LIMBECK_REAL(ftruncate);
    return on_descriptor(
        descriptor, file_calls::writing, [&] { return call(descriptor, length); },
        [&](int) { return event_of(FileEvent::Kind::truncate, length); });
}

int ftruncate64(int descriptor, off64_t length) noexcept {
    LIMBECK_REAL(ftruncate64);
    return on_descriptor(
        descriptor, file_calls::writing, [&] { return call(descriptor, length); },
        [&](int) { return event_of(FileEvent::Kind::truncate, length); });
}

int fsync(int descriptor) {
    LIMBECK_REAL(fsync);
    return on_descriptor(
        descriptor, file_calls::syncing, [&] { return call(descriptor); },
        [&](int) { return event_of(FileEvent::Kind::sync); });
}

int fdatasync(int descriptor) {
    LIMBECK_REAL(fdatasync);
    return on_descriptor(
        descriptor, file_calls::syncing, [&] { return call(descriptor); },
        [&](int) { return event_of(FileEvent::Kind::sync); });
}

int rename(const char* from, const char* to) noexcept {
    LIMBECK_REAL(rename);
    return on_path(from, to, file_calls::renaming, FileEvent::Kind::rename, [&] { return call(from, to); });
}

int unlink(const char* path) noexcept {
    LIMBECK_REAL(unlink);
    return on_path(path, nullptr, 0, FileEvent::Kind::remove, [&] { return call(path); });
}

int rmdir(const char* path) noexcept {
    LIMBECK_REAL(rmdir);
    return on_path(path, nullptr, 0, FileEvent::Kind::remove, [&] { return call(path); });
}

int remove(const char* path) noexcept {
    LIMBECK_REAL(remove);
    return on_path(path, nullptr, 0, FileEvent::Kind::remove, [&] { return call(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
    LIMBECK_REAL(mkdir);
    return on_path(path, nullptr, file_calls::making, FileEvent::Kind::make_folder,
                   [&] { return call(path, mode); });
}

} // extern "C"

#pragma GCC visibility pop
