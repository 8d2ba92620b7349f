// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace limbeck {

/// Steps of one epoch: the last, smaller batch is kept unless it is a single sample, of which batch norm can
/// make no statistics.
std::int64_t steps_per_epoch(std::int64_t samples, std::int64_t batch_size);

/// The samples of one epoch in the order of training: Fisher-Yates from the stream "order" of this epoch.
/// Depends on the seed and the epoch alone, so that the student and its baseline see the same batches.
std::vector<std::int64_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                      std::span<const std::int64_t> part);

/// One way of cropping and flipping a picture: the crop starts at (dy, dx) of the padded picture.
struct View {
    std::int64_t dy = 0, dx = 0; ///< 0 … 2·padding
    bool flip = false;
    bool operator==(const View&) const = default;
};

/// Packs a view into its id: (dy · (2·padding + 1) + dx) · 2 + flip.
std::int64_t view_id(const View& view, std::int64_t padding);
View view_of(std::int64_t id, std::int64_t padding);

/// Views of the samples of one step, from the stream "augmentation" of this step. `step`: steps already done.
std::vector<std::int64_t> step_views(std::uint64_t seed, std::int64_t step, std::int64_t samples,
                                     std::int64_t padding, bool flip);

} // namespace limbeck
