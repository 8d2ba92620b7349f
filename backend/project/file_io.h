// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// Files through POSIX calls: what the standard streams do not offer is fsync and errno. All functions throw
/// Failure (failure.h) with the file's name and the system's reason.
namespace limbeck {

/// The path as it may be shown and put into JSON: bytes that are not UTF-8 or are control characters as \xNN.
std::string path_text(const std::filesystem::path& path);

/// An open file, closed with the object.
class File {
  public:
    /// A regular file that exists; folders, pipes and devices are refused (a pipe would block for ever).
    static File open_for_reading(const std::filesystem::path& path);
    /// A file that must not exist yet.
    static File create(const std::filesystem::path& path);
    ~File();
    File(File&& other) noexcept;
    File& operator=(File&&) = delete;

    int descriptor() const { return descriptor_; }

    std::uint64_t size() const;
    /// Reads up to bytes.size() from the current position; less only at the end.
    std::size_t read(std::span<std::byte> bytes);
    void write(std::span<const std::byte> bytes);
    void sync();

  private:
    File(int descriptor, std::filesystem::path path);
    int descriptor_ = -1;
    std::filesystem::path path_;
};

/// The first `limit` bytes of a file, or all of it when shorter.
std::vector<std::byte> read_start(const std::filesystem::path& path, std::size_t limit);

/// Writes what `content` puts into the file: temporary name in the same folder → fsync → rename → fsync of
/// the folder. After a failure the old file, or none, is there.
void write_durably(const std::filesystem::path& target, const std::function<void(File&)>& content);

/// Makes the names in a folder durable.
void sync_folder(const std::filesystem::path& folder);

/// A name that no other process uses, for a temporary file or folder beside its final place.
std::string temporary_name();
/// True for names that temporary_name() gives: what a killed process may have left behind.
bool is_temporary_name(const std::string& name);

/// "Permission denied" for errno EACCES …
std::string system_text(int error_number);

} // namespace limbeck
