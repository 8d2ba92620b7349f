// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/numbers.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace limbeck {

namespace {

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc{} || result.ptr != end || text.empty()) return std::nullopt;
    return value;
}

} // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    return parse_whole<std::int64_t>(text);
}

std::optional<double> parse_real(std::string_view text) {
    const auto value = parse_whole<double>(text);
    if (!value || !std::isfinite(*value)) return std::nullopt;
    return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
    if (text == "false" || text == "no" || text == "off" || text == "0") return false;
    return std::nullopt;
}

std::string number_text(double value) {
    char buffer[64];
    // Both forms read back as the same number; people read 0.0005 more easily than 5e-04.
    const double size = std::abs(value);
    const bool plain = value == 0 || (size >= 1e-5 && size < 1e15);
    const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value, form);
    return std::string(buffer, result.ptr);
}

std::string rounded_text(double value, int digits) {
    char buffer[64];
    const auto result =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, digits);
    return std::string(buffer, result.ptr);
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        std::uint32_t code = lead;
        std::uint32_t smallest = 0;
        if (lead >= 0xF0 && lead < 0xF8)
            more = 3, code = lead & 0x07, smallest = 0x10000;
        else if (lead >= 0xE0)
            more = 2, code = lead & 0x0F, smallest = 0x800;
        else if (lead >= 0xC0)
            more = 1, code = lead & 0x1F, smallest = 0x80;
        else if (lead >= 0x80)
            return false;
        if (lead >= 0xF8 || more >= text.size() - i) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xC0) != 0x80) return false;
            code = code << 6 | (next & 0x3F);
        }
        if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
        i += more + 1;
    }
    return true;
}

std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t place = text.size(); place > (number < 0 ? 4u : 3u);)
        text.insert(place -= 3, ",");
    return text;
}

std::string size_text(std::int64_t bytes) {
    constexpr double thousand = 1000;
    const auto size = static_cast<double>(bytes);
    if (size < thousand) return std::to_string(bytes) + " bytes";
    const char* unit = " kB";
    double value = size / thousand;
    for (const char* next : {" MB", " GB", " TB"}) {
        if (value < thousand) break;
        value /= thousand;
        unit = next;
    }
    const auto tenths = static_cast<std::int64_t>(value * 10 + 0.5);
    std::string text = std::to_string(tenths / 10);
    if (tenths < 100 && tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
    return text + unit;
}

} // namespace limbeck
