// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace limbeck {

/// "NFS", "SMB" … when the folder lies on a file system of a network, where SQLite's write-ahead log must not
/// be used: its index is memory that the machines do not share. nullopt for a local one.
std::optional<std::string> network_file_system(const std::filesystem::path& folder);

/// What statfs() gives as f_type, from elsewhere (tests); empty: from the system again.
void set_file_system_probe(std::function<long(const std::filesystem::path&)> probe);

} // namespace limbeck
