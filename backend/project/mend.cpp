// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/mend.h"

#include <array>
#include <bit>
#include <cstring>

#include "backend/project/table.h"

namespace limbeck {
namespace {

/// What the CRC becomes when one more byte of zeros comes behind a difference.
std::uint32_t after_zero_byte(std::uint32_t difference) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < made.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value & 1 ? value >> 1 ^ 0xEDB88320U : value >> 1;
            made[i] = value;
        }
        return made;
    }();
    return table[difference & 0xFF] ^ difference >> 8;
}

constexpr std::size_t count_of_bytes = 8, tag_bytes = 1;

/// The bytes that a cell adds to the summed text, and those of them in front of its content.
std::size_t bytes_of(const Value& cell) {
    if (std::holds_alternative<std::monostate>(cell)) return tag_bytes;
    if (const auto* text = std::get_if<std::string>(&cell)) return tag_bytes + count_of_bytes + text->size();
    if (const auto* blob = std::get_if<Blob>(&cell)) return tag_bytes + count_of_bytes + blob->size();
    return tag_bytes + 8;
}

std::size_t content_of(const Value& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return text->size();
    if (const auto* blob = std::get_if<Blob>(&cell)) return blob->size();
    return std::holds_alternative<std::monostate>(cell) ? 0 : 8;
}

/// Flips a bit of a cell's content; `at` counts bytes as they are summed.
void flip(Value& cell, std::size_t at, unsigned bit) {
    if (auto* text = std::get_if<std::string>(&cell)) {
        (*text)[at] = static_cast<char>(static_cast<unsigned char>((*text)[at]) ^ 1U << bit);
    } else if (auto* blob = std::get_if<Blob>(&cell)) {
        (*blob)[at] ^= static_cast<std::byte>(1U << bit);
    } else if (auto* integer = std::get_if<std::int64_t>(&cell)) {
        *integer = static_cast<std::int64_t>(static_cast<std::uint64_t>(*integer) ^ std::uint64_t{1}
                                                                                        << (8 * at + bit));
    } else if (auto* real = std::get_if<double>(&cell)) {
        *real =
            std::bit_cast<double>(std::bit_cast<std::uint64_t>(*real) ^ std::uint64_t{1} << (8 * at + bit));
    }
}

bool fits(const DamagedRow& damaged, const Row& row) {
    return static_cast<std::int64_t>(row_crc(*damaged.table, row)) == damaged.crc;
}

/// SQLite stores an integer in as few bytes as it needs: the uppermost bit of those stands for all above it.
std::optional<Row> mend_sign(const DamagedRow& damaged) {
    Row row = damaged.row;
    for (Value& cell : row) {
        auto* integer = std::get_if<std::int64_t>(&cell);
        if (!integer) continue;
        const std::int64_t as_read = *integer;
        for (const unsigned bits : {8U, 16U, 24U, 32U, 48U}) {
            *integer = static_cast<std::int64_t>(static_cast<std::uint64_t>(as_read) ^ ~std::uint64_t{0}
                                                                                           << (bits - 1));
            if (fits(damaged, row)) return row;
        }
        *integer = as_read;
    }
    return std::nullopt;
}

} // namespace

std::optional<Row> mend_row(const DamagedRow& damaged) {
    if (damaged.row.size() != damaged.table->columns.size() || damaged.crc < 0 || damaged.crc > 0xFFFFFFFF)
        return std::nullopt;
    const std::uint32_t wanted =
        row_crc(*damaged.table, damaged.row) ^ static_cast<std::uint32_t>(damaged.crc);
    if (std::popcount(wanted) <= 1) return damaged.row; // the flip is in the check sum
    // A CRC is linear: what a flipped bit does to it depends on how many bytes come behind. So the sums of
    // all flips come about one from another, from the last byte to the first.
    std::array<std::uint32_t, 8> sums{};
    for (std::uint32_t bit = 0; bit < 8; ++bit)
        sums[bit] = after_zero_byte(1U << bit);
    for (std::size_t i = damaged.row.size(); i-- > 0;) {
        const Value& cell = damaged.row[i];
        const std::size_t content = content_of(cell);
        for (std::size_t behind = 0; behind < bytes_of(cell); ++behind)
            for (unsigned bit = 0; bit < 8; ++bit) {
                if (sums[bit] == wanted && behind < content) {
                    Row row = damaged.row;
                    flip(row[i], content - 1 - behind, bit);
                    if (fits(damaged, row)) return row;
                }
                sums[bit] = after_zero_byte(sums[bit]);
            }
    }
    return mend_sign(damaged);
}

} // namespace limbeck
