// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/project.h"
#include "backend/types/error.h"

/// A project as one file that can be sent: a zip with `project.limbeck`, `objects/…` and `project.json`, see
/// docs/format.md.
namespace limbeck {

struct ArchiveOptions {
    bool weights = true;         ///< networks and optimiser states; without them curves and settings are left
    bool data_references = true; ///< paths of data sets and files of weights, which name a person's folders
};

/// What stands in a configuration where a path was left out: no such file exists, and the error of whoever
/// looks for it says why.
inline constexpr std::string_view left_out_path = "(left out of the archive)";

/// Gets 0..1; gives false to stop.
using ArchiveProgress = std::function<bool(double)>;

/// A project at one moment, to be written into an archive at leisure: what is done to the project afterwards
/// is not in it. Its objects are read from the project's folder and must stay there until write() is done.
class ArchiveDraft {
  public:
    /// Copies the database beside `file`, the archive to be; as quick as the disk takes the database.
    static Result<ArchiveDraft> take(const Project& project, const std::filesystem::path& file);
    ~ArchiveDraft(); ///< removes the copy
    ArchiveDraft(ArchiveDraft&&) noexcept;
    ArchiveDraft& operator=(ArchiveDraft&&) noexcept;

    /// Once, on any thread: to a temporary name, fsync, rename; replaces a file of that name. After an error,
    /// or ErrorKind::cancelled when `progress` gives false, the old file, or none, is there.
    Result<void> write(const ArchiveOptions& options, const ArchiveProgress& progress = {});

  private:
    struct State;
    explicit ArchiveDraft(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// take() and write() in one; nobody may remove objects of the project meanwhile.
Result<void> write_archive(const Project& project, const std::filesystem::path& file,
                           const ArchiveOptions& options, const ArchiveProgress& progress = {});

/// Unpacks an archive that may come from anybody into `folder`, which must not exist or be empty, and gives
/// the project's folder. Names that lead elsewhere, links, duplicates, encrypted files, and more bytes than
/// were announced or fit on the disk are refused; every check sum is right before the folder gets its name.
/// After an error, or ErrorKind::cancelled when `progress` gives false, nothing is left. Files that do not
/// belong to a project are not unpacked; `ignored` gets their names.
Result<std::filesystem::path> unpack_archive(const std::filesystem::path& file,
                                             const std::filesystem::path& folder,
                                             const ArchiveProgress& progress = {},
                                             std::vector<std::string>* ignored = nullptr);

/// Whether the file begins as a zip does. False too for what cannot be read.
bool looks_like_archive(const std::filesystem::path& file);

} // namespace limbeck
