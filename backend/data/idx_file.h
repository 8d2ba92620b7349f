// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "backend/types/error.h"

/// IDX, the format of MNIST (LeCun, Cortes, Burges; yann.lecun.com/exdb/mnist): two zero bytes, a
/// type code, the rank, big-endian 32-bit extents, then the values. Only unsigned bytes (0x08).
namespace limbeck {

struct IdxHeader {
    std::vector<std::int64_t> extents; ///< [N, H, W] of pictures, [N] of labels
    std::uint64_t values = 0;          ///< their product: bytes after the header
};

/// Reads and checks the header against the rank asked for and against what the file can hold: one
/// that announces more is refused before anything is allocated.
Result<IdxHeader> read_idx_header(const std::filesystem::path& path, int rank);

/// Appends the values of the file to `bytes`. Missing and left-over bytes are errors.
Result<IdxHeader> append_idx(const std::filesystem::path& path, int rank, std::vector<std::uint8_t>& bytes);

} // namespace limbeck
