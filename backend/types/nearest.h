// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace limbeck {

/// Number of insertions, deletions, replacements and swaps of neighbours that make one text of the
/// other (optimal string alignment). Both are cut at 64 bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to a mistyped name; the first of equals; empty without candidates.
std::string_view nearest_name(std::string_view text, std::span<const std::string_view> candidates);

/// The text in quotes for a message: cut when long, control bytes shown as '?'.
std::string in_quotes(std::string_view text);

/// "a, b, c".
std::string listed(std::span<const std::string_view> names);

} // namespace limbeck
