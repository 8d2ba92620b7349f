// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backend/project/zip_maker.h"

#include <fstream>
#include <stdexcept>
#include <zlib.h>

#include "backend/project/zip_file.h"

namespace limbeck {
namespace {

void put(std::string& bytes, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string deflated(const std::string& content) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflate");
    std::string packed(deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

} // namespace

void make_zip(const std::filesystem::path& file, const std::vector<MadeEntry>& entries) {
    std::string bytes, directory;
    for (const MadeEntry& entry : entries) {
        const std::string packed = entry.method == 8 ? deflated(entry.content) : entry.content;
        const auto offset = entry.offset.value_or(static_cast<std::uint32_t>(bytes.size()));
        std::string common;
        put(common, entry.flags, 2);
        put(common, entry.method, 2);
        put(common, 0x00210000, 4); // 1980-01-01
        put(common,
            entry.crc.value_or(
                static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()),
                                                 static_cast<uInt>(entry.content.size())))),
            4);
        put(common, entry.packed_size.value_or(static_cast<std::uint32_t>(packed.size())), 4);
        put(common,
            entry.zip64_size ? 0xFFFFFFFFU
                             : entry.size.value_or(static_cast<std::uint32_t>(entry.content.size())),
            4);
        put(common, entry.name.size(), 2);
        std::string extra;
        if (entry.zip64_size) {
            put(extra, 1, 2);
            put(extra, 8, 2);
            put(extra, *entry.zip64_size, 8);
        }
        put(bytes, 0x04034B50, 4);
        put(bytes, 20, 2);
        bytes += common + std::string(2, '\0') + entry.name + packed;
        put(directory, 0x02014B50, 4);
        put(directory, entry.made_by, 2);
        put(directory, 20, 2);
        directory += common;
        put(directory, extra.size(), 2);
        put(directory, 0, 6); // comment, disk, internal attributes
        put(directory, entry.attributes, 4);
        put(directory, offset, 4);
        directory += entry.name + extra;
    }
    const std::size_t start = bytes.size();
    bytes += directory;
    put(bytes, 0x06054B50, 4);
    put(bytes, 0, 4);
    put(bytes, entries.size(), 2);
    put(bytes, entries.size(), 2);
    put(bytes, directory.size(), 4);
    put(bytes, start, 4);
    put(bytes, 0, 2);
    std::ofstream(file, std::ios::binary) << bytes;
}

std::vector<MadeEntry> entries_of(const std::filesystem::path& file) {
    ZipReader zip(file);
    std::vector<MadeEntry> entries;
    for (const ZipEntry& entry : zip.entries()) {
        MadeEntry& made = entries.emplace_back();
        made.name = entry.name;
        zip.read(entry, [&](std::span<const std::byte> piece) {
            made.content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        });
    }
    return entries;
}

} // namespace limbeck
