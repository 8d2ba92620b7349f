// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/value.h"

#include <cmath>
#include <limits>

#include "backend/project/failure.h"

namespace limbeck {

Value real_value(double number) {
    if (std::isnan(number)) return std::monostate{};
    return number == 0 ? 0.0 : number;
}

Value optional_value(const std::optional<std::int64_t>& number) {
    if (number) return *number;
    return std::monostate{};
}

template <class T>
const T& RowReader::take(const char* wanted) {
    const std::size_t column = next_++;
    const T* cell = column < row_.size() ? std::get_if<T>(&row_[column]) : nullptr;
    if (!cell)
        fail(ErrorKind::document, "A row of table \"" + std::string(table_) +
                                      "\" of the project is not as Limbeck " + "writes it: column " +
                                      std::to_string(column + 1) + " should hold " + wanted +
                                      ". Was it written by another program?");
    return *cell;
}

std::int64_t RowReader::integer() {
    return take<std::int64_t>("an integer");
}

double RowReader::real() {
    if (next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_])) {
        ++next_;
        return std::numeric_limits<double>::quiet_NaN();
    }
    return take<double>("a number");
}

std::string RowReader::text() {
    return take<std::string>("text");
}

std::optional<std::int64_t> RowReader::optional_integer() {
    if (next_ < row_.size() && std::holds_alternative<std::monostate>(row_[next_])) {
        ++next_;
        return std::nullopt;
    }
    return integer();
}

const Blob& RowReader::blob() {
    return take<Blob>("bytes");
}

} // namespace limbeck
