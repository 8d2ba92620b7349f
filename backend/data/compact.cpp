// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/compact.h"

#include <algorithm>

namespace limbeck {

namespace {

template <class Value>
void keep_rows(std::vector<Value>& values, const std::vector<std::int64_t>& rows, std::size_t width) {
    if (values.empty()) return;
    for (std::size_t to = 0; to < rows.size(); ++to) {
        const auto from = values.begin() + rows[to] * static_cast<std::int64_t>(width);
        std::copy(from, from + static_cast<std::int64_t>(width),
                  values.begin() + static_cast<std::int64_t>(to * width));
    }
    values.resize(rows.size() * width);
    values.shrink_to_fit();
}

} // namespace

void drop_unused(Dataset& dataset) {
    std::vector<std::int64_t> used;
    for (const auto* part : {&dataset.train, &dataset.validation, &dataset.test})
        used.insert(used.end(), part->begin(), part->end());
    if (static_cast<std::int64_t>(used.size()) == dataset.size()) return;
    std::sort(used.begin(), used.end());

    std::vector<std::int64_t> place(static_cast<std::size_t>(dataset.size()), -1);
    for (std::size_t to = 0; to < used.size(); ++to)
        place[static_cast<std::size_t>(used[to])] = static_cast<std::int64_t>(to);
    const auto width = static_cast<std::size_t>(dataset.input.values());
    keep_rows(dataset.bytes, used, width);
    keep_rows(dataset.values, used, width);
    keep_rows(dataset.labels, used, 1);
    for (auto* part : {&dataset.train, &dataset.validation, &dataset.test})
        for (std::int64_t& index : *part)
            index = place[static_cast<std::size_t>(index)];
}

} // namespace limbeck
