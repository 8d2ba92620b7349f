// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/project/project.h"

namespace limbeck {

/// A folder for one test, removed with the object.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

/// The value of a Result; a test with an error in its place fails there, with the error's words.
template <class T>
T value_of(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message + " | " + result.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
std::string error_of(const Result<T>& result) {
    return result ? "(no error)" : result.error().message;
}

/// A configuration in which most things are not as by default.
ExperimentConfig unusual_config();
RunRecord unusual_run();
TensorMap small_tensors(float value);

/// Points of the steps `first` … `last`, of one step each, with values that no two share.
std::vector<MetricPoint> points_of_steps(std::int64_t first, std::int64_t last);

/// A project with a row in every table: one run with points, an event, an object and a checkpoint.
void fill_project(Project& project);

/// Path (relative) → content of every file below a folder, without SQLite's -shm.
std::map<std::string, std::string> folder_content(const std::filesystem::path& folder);

/// Runs SQL on a project's database behind Limbeck's back.
void run_sql(const std::filesystem::path& folder, const std::string& sql);
std::string query(const std::filesystem::path& folder, const std::string& sql);

/// Another process, which runs `work` (true: exit code 0) and is told to go on by closing `gate`.
class Child {
  public:
    /// `work` gets a function that says "ready" to the parent and then waits to be let go (or killed).
    using Wait = std::function<void()>;
    explicit Child(const std::function<bool(const Wait& ready_and_wait)>& work);
    ~Child();
    void wait_until_ready();
    bool is_ready(); ///< waits; false when the other process ended before
    void kill();
    bool let_go(); ///< true if `work` gave true

  private:
    int pid_ = -1, ready_ = -1, gate_ = -1;
};

} // namespace limbeck
