// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/types/error.h"

namespace limbeck {

/// Bytes of a regular file, in order, unpacked on the way where the file is gzip (told by its first
/// bytes, not by its name). Nothing is allocated on the word of a file.
class ByteReader {
  public:
    static Result<ByteReader> open(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }

    /// The content cannot be longer: the file's size, or what deflate can make of it (1032 to 1).
    std::uint64_t most_bytes() const { return most_bytes_; }

    /// Fills the span, or as much of it as there is; a broken or cut gzip stream is an error.
    Result<std::size_t> read(std::span<std::uint8_t> into);
    /// Appends `count` bytes that must be there; memory grows with what was really read.
    Result<void> append_to(std::vector<std::uint8_t>& bytes, std::uint64_t count);
    /// True when nothing is left; reads to the end of the gzip stream, so that its checksum is seen.
    Result<bool> at_end();

  private:
    struct Close {
        void operator()(void* file) const;
    };

    ByteReader(std::filesystem::path path, void* file, std::uint64_t most)
        : path_(std::move(path)), file_(file), most_bytes_(most) {}

    std::filesystem::path path_;
    std::unique_ptr<void, Close> file_;
    std::uint64_t most_bytes_ = 0;
};

} // namespace limbeck
