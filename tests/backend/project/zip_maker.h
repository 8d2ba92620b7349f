// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace limbeck {

/// An entry of a zip as a stranger may write it: what is not given is right.
struct MadeEntry {
    std::string name = {}, content = {};
    std::uint16_t made_by = 0x031E; ///< Unix
    std::uint32_t attributes = 0100644U << 16;
    std::uint16_t flags = 0, method = 0; ///< 8: deflated
    std::optional<std::uint32_t> crc = {}, size = {}, packed_size = {}, offset = {};
    std::optional<std::uint64_t> zip64_size = {}; ///< the size, told in the directory's extra field
};

/// Writes the bytes of a zip with these entries, byte by byte and without any library for zips.
void make_zip(const std::filesystem::path& file, const std::vector<MadeEntry>& entries);

/// The entries of a good zip that make_zip or Limbeck wrote, unpacked.
std::vector<MadeEntry> entries_of(const std::filesystem::path& file);

} // namespace limbeck
