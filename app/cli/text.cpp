// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

template <class... Values>
std::string formatted(const char* format, Values... values) {
    char buffer[64];
    const int size = std::snprintf(buffer, sizeof buffer, format, values...);
    return std::string(buffer, static_cast<std::size_t>(std::clamp(size, 0, 63)));
}

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

std::string percent(std::optional<double> share) {
    return share ? formatted("%.1f %%", *share * 100) : "–";
}

std::string loss_text(std::optional<double> loss) {
    return loss ? rounded_text(*loss, 4) : "–";
}

std::string duration_text(double seconds) {
    if (!(seconds >= 0) || seconds > 1e9) return "–:––";
    const auto whole = static_cast<long>(std::floor(seconds + 0.5));
    if (whole >= 3600) return formatted("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    return formatted("%ld:%02ld", whole / 60, whole % 60);
}

std::string grouped(double number) {
    const bool shown = std::isfinite(number) && std::abs(number) < 1e15;
    return limbeck::grouped(shown ? static_cast<std::int64_t>(std::nearbyint(number)) : 0);
}

std::string bytes_text(std::int64_t bytes) {
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(bytes);
    int unit = 0;
    for (; size >= 1024 && unit < 4; ++unit)
        size /= 1024;
    return formatted(unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

std::size_t width_of(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return !continues(c); }));
}

std::string cut(std::string_view utf8, std::size_t columns) {
    std::size_t at = 0;
    for (std::size_t seen = 0; at < utf8.size(); ++at)
        if (!continues(utf8[at]) && seen++ == columns) break;
    return std::string(utf8.substr(0, at));
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
    std::string lines(indent, ' ');
    std::size_t column = indent;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (column > indent && column + 1 + width_of(word) > columns) {
            lines += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            lines += ' ';
            ++column;
        }
        lines += word;
        column += width_of(word);
    }
    return lines;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t right_from) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i) widths.push_back(0);
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - width_of(row[i]), ' ');
            line += i == 0 ? "" : "   ";
            line += i >= right_from ? space + row[i] : row[i] + space;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    if (!text.empty()) text.pop_back();
    return text;
}

} // namespace limbeck::cli
