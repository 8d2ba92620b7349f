// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/idx_file.h"

#include <array>
#include <string>

#include "backend/data/byte_reader.h"

namespace limbeck {

namespace {

constexpr std::uint64_t largest = std::uint64_t{16} << 30; // bytes of one file's values

tl::unexpected<Error> wrong(const std::filesystem::path& path, const std::string& why) {
    return failure(ErrorKind::data, "Reading " + path.string() + ": " + why, "data.dataset");
}

std::string hex(unsigned value) {
    constexpr char digits[] = "0123456789abcdef";
    return std::string("0x") + digits[value >> 4 & 15] + digits[value & 15];
}

std::string shape_text(const std::vector<std::int64_t>& extents) {
    std::string text;
    for (std::int64_t extent : extents)
        text += (text.empty() ? "" : "x") + std::to_string(extent);
    return text;
}

Result<IdxHeader> parse_header(ByteReader& reader, int rank) {
    const auto& path = reader.path();
    const std::string kind = rank == 1 ? "labels" : "pictures";
    std::array<std::uint8_t, 4> magic{};
    const auto got = reader.read(magic);
    if (!got) return tl::unexpected(got.error());
    if (*got < magic.size())
        return wrong(path, "it ends inside the IDX header, after " + std::to_string(*got) + " bytes.");
    if (magic[0] != 0 || magic[1] != 0)
        return wrong(path, "it is not an IDX file: it starts with " + hex(magic[0]) + " " + hex(magic[1]) +
                               " where two zero bytes are right.");
    if (magic[2] != 0x08)
        return wrong(path, "byte 2 of its header gives the type " + hex(magic[2]) +
                               "; unsigned bytes (0x08) are what Limbeck reads.");
    if (magic[3] != rank)
        return wrong(path, "byte 3 of its header gives rank " + std::to_string(magic[3]) + "; " + kind +
                               " have rank " + std::to_string(rank) + ".");
    std::vector<std::uint8_t> extents(static_cast<std::size_t>(rank) * 4);
    const auto more = reader.read(extents);
    if (!more) return tl::unexpected(more.error());
    if (*more < extents.size())
        return wrong(path, "it ends inside the IDX header, after " + std::to_string(magic.size() + *more) +
                               " bytes.");

    IdxHeader header;
    header.values = 1;
    bool too_many = false;
    for (std::size_t i = 0; i < extents.size(); i += 4) {
        const std::uint64_t extent = std::uint64_t{extents[i]} << 24 | std::uint64_t{extents[i + 1]} << 16 |
                                     std::uint64_t{extents[i + 2]} << 8 | extents[i + 3];
        header.extents.push_back(static_cast<std::int64_t>(extent));
        // Divided, not multiplied: three extents of 2^32 would overflow the product.
        too_many = too_many || (extent != 0 && header.values > largest / extent);
        header.values = too_many ? largest : header.values * extent;
    }
    const std::uint64_t header_bytes = magic.size() + extents.size();
    if (too_many || header.values + header_bytes > reader.most_bytes())
        return wrong(path, "its header announces " + shape_text(header.extents) +
                               " values, which is more than the file can hold (at most " +
                               std::to_string(reader.most_bytes()) + " bytes).");
    if (header.values == 0)
        return wrong(path,
                     "its header announces " + shape_text(header.extents) + ": no " + kind + " at all.");
    return header;
}

} // namespace

Result<IdxHeader> read_idx_header(const std::filesystem::path& path, int rank) {
    auto reader = ByteReader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    return parse_header(*reader, rank);
}

Result<IdxHeader> append_idx(const std::filesystem::path& path, int rank, std::vector<std::uint8_t>& bytes) {
    auto reader = ByteReader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    auto header = parse_header(*reader, rank);
    if (!header) return header;
    if (auto read = reader->append_to(bytes, header->values); !read) return tl::unexpected(read.error());
    const auto end = reader->at_end();
    if (!end) return tl::unexpected(end.error());
    if (!*end)
        return wrong(path, "bytes are left over after the " + shape_text(header->extents) +
                               " values that its header announces.");
    return header;
}

} // namespace limbeck
