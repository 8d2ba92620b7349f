// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// Numbers of the zip format (PKWARE's APPNOTE.TXT 6.3), little-endian all of them.
namespace limbeck::zip_layout {

inline constexpr std::uint32_t local_signature = 0x04034B50, central_signature = 0x02014B50,
                               end_signature = 0x06054B50, zip64_end_signature = 0x06064B50,
                               zip64_locator_signature = 0x07064B50;
inline constexpr std::size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, zip64_end_bytes = 56,
                             zip64_locator_bytes = 20, longest_comment = 65535;
inline constexpr std::uint16_t stored = 0, deflated = 8, zip64_extra = 1, zip64_version = 45,
                               encrypted_flag = 1;
inline constexpr std::uint32_t in_extra_field = 0xFFFFFFFF;        ///< "the number is among the zip64 ones"
inline constexpr std::uint32_t no_date = 0x00210000;               ///< 1980-01-01, the first that there is
inline constexpr std::uint16_t made_on_unix = 3, made_on_mac = 19; ///< high byte of "version made by"

/// Bytes that are put together.
class Bytes {
  public:
    void number(std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
    }

    void text(std::string_view text) {
        for (const char each : text)
            bytes_.push_back(static_cast<std::byte>(each));
    }

    std::span<const std::byte> span() const { return bytes_; }

  private:
    std::vector<std::byte> bytes_;
};

/// The number of `bytes` bytes (at most 8) at `at`; the caller knows that they are there.
inline std::uint64_t number(std::span<const std::byte> from, std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
        value = value << 8 | std::to_integer<std::uint64_t>(from[at + i]);
    return value;
}

} // namespace limbeck::zip_layout
