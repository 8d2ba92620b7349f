// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/sampler.h"

#include <utility>

#include "backend/types/random.h"

namespace limbeck {

std::int64_t steps_per_epoch(std::int64_t samples, std::int64_t batch_size) {
    const auto full = samples / batch_size;
    const auto rest = samples % batch_size;
    return rest > 1 ? full + 1 : full;
}

std::vector<std::int64_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                      std::span<const std::int64_t> part) {
    std::vector<std::int64_t> order(part.begin(), part.end());
    Random random(stream_seed(seed, "order", static_cast<std::uint64_t>(epoch)));
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

std::int64_t view_id(const View& view, std::int64_t padding) {
    return (view.dy * (2 * padding + 1) + view.dx) * 2 + (view.flip ? 1 : 0);
}

View view_of(std::int64_t id, std::int64_t padding) {
    const auto side = 2 * padding + 1;
    return {.dy = id / 2 / side, .dx = id / 2 % side, .flip = id % 2 == 1};
}

std::vector<std::int64_t> step_views(std::uint64_t seed, std::int64_t step, std::int64_t samples,
                                     std::int64_t padding, bool flip) {
    const auto side = static_cast<std::uint64_t>(2 * padding + 1);
    Random random(stream_seed(seed, "augmentation", static_cast<std::uint64_t>(step)));
    std::vector<std::int64_t> views(static_cast<std::size_t>(samples));
    for (auto& id : views) {
        View view;
        if (padding > 0) {
            view.dy = static_cast<std::int64_t>(random.below(side));
            view.dx = static_cast<std::int64_t>(random.below(side));
        }
        if (flip) view.flip = random.below(2) == 1;
        id = view_id(view, padding);
    }
    return views;
}

} // namespace limbeck
