// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Stands between the program and the system's calls on files: lets them fail as a disk does that is full or
/// broken, and writes down what was asked of the disk, in order. A test program that links file_calls.cpp has
/// its own open(), write(), fsync() …, which SQLite and Limbeck call alike.
namespace limbeck::test {

/// One call on a file below the watched folder that succeeded.
struct FileEvent {
    enum class Kind { open, write, truncate, sync, rename, remove, make_folder, mark };
    Kind kind = Kind::mark;
    std::string path, to;    ///< relative to the watched folder
    int handle = -1;         ///< of open, write, truncate, sync: which opening of a file
    bool created = false;    ///< open made the file
    std::int64_t offset = 0; ///< of a write; the length of a truncate; the number of a mark
    std::vector<char> bytes; ///< of a write
};

namespace file_calls {

/// Kinds of calls that can be made to fail; to be joined with |.
enum Calls : unsigned { making = 1, writing = 2, syncing = 4, renaming = 8, reading = 16 };

inline constexpr unsigned changing = making | writing | syncing | renaming;

/// Looks at calls on files below `folder` from now on; counts begin anew.
void watch(const std::filesystem::path& folder);
/// Files below the folder that are open already count as well from now on.
void follow_open_files();
void forget();

/// From the nth call (from 0) of these kinds on all fail with this error, until heal(). A write that fails
/// for want of room is cut short first, as disks do.
void fail(unsigned calls, std::int64_t nth, int error_number);
/// Only the nth call fails.
void fail_once(unsigned calls, std::int64_t nth, int error_number);
void heal();
/// A call was made to fail since fail().
bool failed();
/// How many calls of the kinds that fail() named there were since.
std::int64_t counted();

/// Writes down calls that change something, but for SQLite's -shm, which no disk needs to keep.
void record();
/// Something is told to be safe now.
void mark(std::int64_t number);
std::vector<FileEvent> recorded(); ///< and ends the recording

} // namespace file_calls

} // namespace limbeck::test
