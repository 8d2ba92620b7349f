// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/objectives/negatives.h"

#include <algorithm>
#include <numeric>

#include <torch/torch.h>

#include "backend/engine/objectives/picture_terms.h"
#include "backend/types/random.h"

namespace limbeck {

namespace {

std::vector<std::int64_t> to_vector(const torch::Tensor& ids) {
    const torch::Tensor flat = ids.contiguous();
    const auto* first = flat.const_data_ptr<std::int64_t>();
    return {first, first + flat.numel()};
}

} // namespace

Result<Negatives> Negatives::make(const TermContext& context, std::int64_t wanted) {
    if (!context.labels.defined() || context.samples < 1 || context.labels.size(0) != context.samples)
        return features_refused("crd needs the labels of all samples, to draw its negatives from other "
                                "classes; these data have none.");
    Negatives negatives;
    negatives.classes_ = to_vector(context.labels);
    auto& ids = negatives.by_class_;
    if (context.trained.defined()) {
        ids = to_vector(context.trained);
    } else {
        ids.resize(static_cast<std::size_t>(context.samples));
        std::iota(ids.begin(), ids.end(), 0);
    }
    const auto label = [&](std::int64_t id) { return negatives.classes_[static_cast<std::size_t>(id)]; };
    std::stable_sort(ids.begin(), ids.end(), [&](auto a, auto b) { return label(a) < label(b); });
    std::int64_t highest = 0;
    for (const std::int64_t each : negatives.classes_)
        highest = std::max(highest, each);
    negatives.ranges_.resize(static_cast<std::size_t>(highest) + 1);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Range& range = negatives.ranges_[static_cast<std::size_t>(label(ids[i]))];
        if (range.size++ == 0) range.first = static_cast<std::int64_t>(i);
    }
    negatives.count_ = wanted;
    for (const Range& range : negatives.ranges_)
        if (range.size > 0) negatives.count_ = std::min(negatives.count_, negatives.trained() - range.size);
    if (negatives.count_ < 1)
        return features_refused("crd holds every sample against samples of other classes; all " +
                                std::to_string(negatives.trained()) +
                                " samples that are trained on are of one class.");
    return negatives;
}

torch::Tensor Negatives::draw(const torch::Tensor& ids, std::uint64_t seed) const {
    const std::vector<std::int64_t> rows = to_vector(ids);
    torch::Tensor drawn = torch::empty({static_cast<std::int64_t>(rows.size()), 1 + count_}, torch::kInt64);
    auto* out = drawn.mutable_data_ptr<std::int64_t>();
    std::vector<std::int64_t> others;
    Random random(seed);
    for (const std::int64_t id : rows) {
        const Range own = ranges_[static_cast<std::size_t>(classes_[static_cast<std::size_t>(id)])];
        const auto start = by_class_.begin() + own.first;
        others.assign(by_class_.begin(), start);
        others.insert(others.end(), start + own.size, by_class_.end());
        *out++ = id;
        // The first steps of a Fisher-Yates shuffle; none where all others are taken anyway.
        const auto size = static_cast<std::int64_t>(others.size());
        for (std::int64_t i = 0; i < count_; ++i) {
            if (size > count_)
                std::swap(others[static_cast<std::size_t>(i)],
                          others[static_cast<std::size_t>(i + static_cast<std::int64_t>(random.below(
                                                                  static_cast<std::uint64_t>(size - i))))]);
            *out++ = others[static_cast<std::size_t>(i)];
        }
    }
    return drawn;
}

} // namespace limbeck
