// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace limbeck {

/// The right to write a project: an flock on `project.lock` in its folder, which holds the text that tells
/// others who has it. The lock dies with its process, so that a file left by a killed one hinders nobody.
class WriteLock {
  public:
    /// Throws Failure that names the holder when another process (or this one) writes the project already,
    /// and when the folder cannot be written. `name` is how errors call the project.
    static WriteLock acquire(const std::filesystem::path& folder, const std::string& name);
    ~WriteLock(); ///< removes the file
    WriteLock(WriteLock&& other) noexcept;
    WriteLock& operator=(WriteLock&&) = delete;

  private:
    WriteLock(int descriptor, std::filesystem::path file);
    int descriptor_;
    std::filesystem::path file_;
};

/// Who writes the project at this moment ("limbeck-cli, process 4711 on gauss, since 2026-05-01 10:00:00
/// UTC"); nullopt if nobody does. Changes nothing.
std::optional<std::string> writer_of(const std::filesystem::path& folder);

} // namespace limbeck
