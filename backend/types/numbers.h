// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace limbeck {

/// Numbers as text, the same in every locale (from_chars, to_chars). Nothing but the number may
/// stand in the text.
std::optional<std::int64_t> parse_integer(std::string_view text);
/// Finite numbers only.
std::optional<double> parse_real(std::string_view text);
/// true/false, yes/no, on/off, 1/0.
std::optional<bool> parse_boolean(std::string_view text);

/// Shortest text that reads back as the same number: "0.0005", "1e-09".
std::string number_text(double value);
/// At most `digits` significant digits, without an exponent where it is readable: "0.1", "12.35".
std::string rounded_text(double value, int digits);

/// Whole numbers with commas: "1,234,567".
std::string grouped(std::int64_t number);
/// Bytes in decimal units: "12 bytes", "292 MB", "2.9 GB".
std::string size_text(std::int64_t bytes);

/// Whether the bytes are UTF-8 (no surrogates, nothing over-long): what JSON and the window take.
bool is_utf8(std::string_view text);

} // namespace limbeck
