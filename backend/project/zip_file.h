// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/project/file_io.h"

/// Zip files, those of any size too (zip64), stored or deflated by zlib. Own code, small and strict: Debian's
/// minizip (1.1) reads no sizes beyond 4 GB, and libzip has no static library for the portable build. Throws
/// Failure.
namespace limbeck {

/// Writes the entries of a zip one after the other. Equal content gives equal bytes: entries carry no date.
class ZipWriter {
  public:
    /// `target` is empty and outlives the writer.
    explicit ZipWriter(File& target, std::string name);
    ~ZipWriter();
    ZipWriter(const ZipWriter&) = delete;
    ZipWriter& operator=(const ZipWriter&) = delete;

    void begin(const std::string& entry, bool compress);
    void write(std::span<const std::byte> bytes);
    void end();
    void finish(); ///< the directory; without it the file is no zip

  private:
    struct State;
    std::unique_ptr<State> state_;
};

struct ZipEntry {
    std::string name; ///< as it stands there, whatever bytes those are
    std::uint64_t size = 0, packed_size = 0;
    bool folder = false;
    bool plain = true; ///< a file or a folder: neither a link nor a device
    bool encrypted = false;
    std::uint16_t method = 0; ///< 0: stored, 8: deflated
    std::uint32_t crc = 0;
    std::uint64_t offset = 0; ///< of its own header
};

/// Reads a zip from anybody.
class ZipReader {
  public:
    explicit ZipReader(const std::filesystem::path& file);
    ~ZipReader();
    ZipReader(const ZipReader&) = delete;
    ZipReader& operator=(const ZipReader&) = delete;

    const std::vector<ZipEntry>& entries() const;
    std::uint64_t file_size() const;
    /// Gives the entry's bytes piece by piece: exactly entry.size of them, with the CRC that the zip states,
    /// or an error.
    void read(const ZipEntry& entry, const std::function<void(std::span<const std::byte>)>& piece);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace limbeck
