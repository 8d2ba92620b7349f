// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace limbeck::cli {

/// 0.9714 → "97.1 %"; "–" without a value.
std::string percent(std::optional<double> share);
/// Four significant digits: "0.1234"; "–" without a value.
std::string loss_text(std::optional<double> loss);
/// Seconds as m:ss, or h:mm:ss.
std::string duration_text(double seconds);
/// Whole number with commas: "3,412".
std::string grouped(double number);
/// Bytes in the largest unit that gives at least 1: "139.8 GiB".
std::string bytes_text(std::int64_t bytes);
/// Columns that the text takes on a terminal (code points).
std::size_t width_of(std::string_view utf8);
/// Cut to so many code points.
std::string cut(std::string_view utf8, std::size_t columns);
/// Broken at spaces, each line indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns = 80);

/// A table of text; the first column to the left, the columns from `right_from` on to the right.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t right_from);

} // namespace limbeck::cli
