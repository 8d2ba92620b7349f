// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/thinner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace limbeck {

namespace {

template <class T>
void append_number(std::string& text, T value) {
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    if (!text.empty()) text += ' ';
    text.append(digits.data(), end);
}

template <class T>
bool take_number(std::string_view& text, T& value) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

} // namespace

std::int64_t thinning_span(std::int64_t total_steps, std::int64_t cap) {
    if (cap < 1 || total_steps <= cap) return 1;
    return (total_steps + cap - 1) / cap;
}

std::int64_t Thinner::bucket_of(std::int64_t step) const {
    return step <= 0 ? -1 : (step - 1) / span_;
}

void Thinner::add(std::int64_t step, double value, std::vector<MetricPoint>& out) {
    if (!std::isfinite(value)) return;
    if (span_ <= 1) {
        const auto narrow = static_cast<float>(value);
        out.push_back({step, value, narrow, narrow});
        return;
    }
    if (count_ > 0 && bucket_of(step) != bucket_of(last_step_)) finish(out);
    if (count_ == 0) {
        sum_ = 0;
        minimum_ = maximum_ = value;
    }
    ++count_;
    sum_ += value;
    minimum_ = std::min(minimum_, value);
    maximum_ = std::max(maximum_, value);
    last_step_ = step;
    if (step % span_ == 0) finish(out);
}

void Thinner::finish(std::vector<MetricPoint>& out) {
    if (count_ == 0) return;
    const double mean = count_ == 1 ? sum_ : sum_ / static_cast<double>(count_);
    out.push_back({last_step_, mean, static_cast<float>(minimum_), static_cast<float>(maximum_)});
    count_ = 0;
}

std::string Thinner::state() const {
    std::string text;
    if (count_ == 0) return text;
    append_number(text, count_);
    append_number(text, last_step_);
    append_number(text, sum_); // shortest form that reads back to the same bits
    append_number(text, minimum_);
    append_number(text, maximum_);
    return text;
}

bool Thinner::restore(std::string_view text) {
    count_ = 0;
    if (text.empty()) return true;
    std::int64_t count = 0;
    if (!take_number(text, count) || !take_number(text, last_step_) || !take_number(text, sum_) ||
        !take_number(text, minimum_) || !take_number(text, maximum_) || count < 1) {
        return false;
    }
    count_ = count;
    return true;
}

} // namespace limbeck
