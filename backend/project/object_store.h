// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/sqlite.h"
#include "backend/types/tensor_map.h"

/// Files of tensors in `objects/`, each named by the SHA-256 of its content. A file counts only when a row of
/// the table `object` names it: the row is the mark that it is whole.
namespace limbeck {

struct StoredObject {
    std::string name; ///< its SHA-256
    std::int64_t bytes = 0;
};

/// All that rows name, by name.
std::vector<StoredObject> stored_objects(Database& database);
/// nullopt if no row names it.
std::optional<std::int64_t> stored_bytes(Database& database, const std::string& sha256);

std::string put_object(Database& database, const std::filesystem::path& folder, const TensorMap& tensors);

/// Checks size and SHA-256 while reading.
TensorMap load_object(Database& database, const std::filesystem::path& folder, const std::string& sha256);

/// Removes objects that neither a run nor a checkpoint names, files without a row and what a killed process
/// left half-written; gives the bytes won back. Nothing while rows are known to be damaged. Not within a
/// transaction.
std::int64_t remove_orphans(Database& database, const std::filesystem::path& folder);

/// Reads a whole file and gives its SHA-256; each piece goes to `piece` too.
std::string hash_file(const std::filesystem::path& file,
                      const std::function<void(std::span<const std::byte>)>& piece = {});

} // namespace limbeck
