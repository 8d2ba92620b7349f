// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace limbeck {

using Blob = std::vector<std::byte>;
/// What a cell of a table holds: NULL, integer, real, text or bytes.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
/// The cells of one row in the order of the table's columns, without the check sum.
using Row = std::vector<Value>;

/// A number as SQLite will give it back: it keeps no NaN (NULL stands for it) and no −0.
Value real_value(double number);
Value optional_value(const std::optional<std::int64_t>& number);

/// Takes a row's cells one after the other; a cell of another type throws Failure (the row was not written by
/// Limbeck, for its check sum is right).
class RowReader {
  public:
    RowReader(std::string_view table, const Row& row) : table_(table), row_(row) {}

    std::int64_t integer();
    double real();
    std::string text();
    std::optional<std::int64_t> optional_integer();
    const Blob& blob();

  private:
    template <class T>
    const T& take(const char* wanted);
    std::string_view table_;
    const Row& row_;
    std::size_t next_ = 0;
};

} // namespace limbeck
