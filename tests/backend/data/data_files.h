// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace limbeck::testing_support {

using test::TemporaryFolder;

inline void write_file(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// Folder of the reference data; empty where it is not there (the test then skips).
inline std::filesystem::path shared_folder() {
    const char* given = std::getenv("LIMBECK_SHARED");
    return given ? std::filesystem::path(given) : std::filesystem::path();
}

/// An IDX file: header and values.
inline std::vector<std::uint8_t> idx_bytes(const std::vector<std::uint32_t>& extents,
                                           const std::vector<std::uint8_t>& values) {
    std::vector<std::uint8_t> bytes{0, 0, 8, static_cast<std::uint8_t>(extents.size())};
    for (std::uint32_t extent : extents)
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes.push_back(static_cast<std::uint8_t>(extent >> shift));
    bytes.insert(bytes.end(), values.begin(), values.end());
    return bytes;
}

} // namespace limbeck::testing_support
