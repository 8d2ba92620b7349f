// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backend/types/random.h"

namespace limbeck {

namespace {

using Indices = std::vector<std::int64_t>;

/// `fraction` of n, at least 1 and such that at least `rest` stay.
std::int64_t share(std::int64_t n, double fraction, std::int64_t rest) {
    const auto wanted = static_cast<std::int64_t>(std::floor(static_cast<double>(n) * fraction + 0.5));
    return std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, n - rest));
}

Indices take_back(Indices& from, std::int64_t count) {
    Indices taken(from.end() - count, from.end());
    from.resize(from.size() - static_cast<std::size_t>(count));
    return taken;
}

} // namespace

Indices shuffled_indices(std::int64_t n, std::uint64_t seed) {
    Indices order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    Random random(seed);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

Result<void> split(Dataset& dataset, std::int64_t own_test, const DataConfig& config) {
    const std::int64_t all = dataset.size();
    const bool brings_test = own_test < all;
    const std::int64_t needed = brings_test ? 2 : 3;
    if (own_test < needed)
        return failure(ErrorKind::data,
                       "Splitting " + dataset.name + ": it has " + std::to_string(own_test) + " samples" +
                           (brings_test ? " besides its test part" : "") + "; at least " +
                           std::to_string(needed) + " are needed for training, validation and test.",
                       "data.dataset");

    Indices rest = shuffled_indices(own_test, stream_seed(config.seed, "split"));
    if (config.samples > 0 && config.samples < own_test)
        rest.resize(static_cast<std::size_t>(std::max(config.samples, needed)));

    if (brings_test) {
        dataset.test = shuffled_indices(all - own_test, stream_seed(config.seed, "test"));
        for (std::int64_t& index : dataset.test)
            index += own_test;
        if (config.samples > 0 && config.samples < all - own_test)
            dataset.test.resize(static_cast<std::size_t>(config.samples));
    } else {
        dataset.test =
            take_back(rest, share(static_cast<std::int64_t>(rest.size()), config.test_fraction, 2));
    }
    dataset.validation =
        take_back(rest, share(static_cast<std::int64_t>(rest.size()), config.validation_fraction, 1));
    dataset.train = std::move(rest);
    // In the order of the data, so that evaluation reads memory forwards; training draws its own order.
    for (Indices* part : {&dataset.train, &dataset.validation, &dataset.test})
        std::sort(part->begin(), part->end());
    return {};
}

} // namespace limbeck
