// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "backend/engine/objectives/objective.h"
#include "backend/types/error.h"

namespace limbeck {

/// Draws for every sample of a batch others of other classes, among the samples that are trained on.
class Negatives {
  public:
    /// `wanted` for each sample, but never more than the data have for every class. Refuses data without
    /// labels and with samples of one class only.
    static Result<Negatives> make(const TermContext& context, std::int64_t wanted);

    /// How many each sample gets.
    std::int64_t count() const { return count_; }

    /// How many samples are trained on.
    std::int64_t trained() const { return static_cast<std::int64_t>(by_class_.size()); }

    /// [B, 1 + count] ids on the CPU: the sample itself, then negatives without repetition, decided by `seed`
    /// alone. `ids` is int64 on the CPU.
    torch::Tensor draw(const torch::Tensor& ids, std::uint64_t seed) const;

  private:
    struct Range {
        std::int64_t first = 0, size = 0;
    };

    std::vector<std::int64_t> by_class_; ///< ids of the samples trained on, class after class
    std::vector<Range> ranges_;          ///< of each class in by_class_
    std::vector<std::int64_t> classes_;  ///< of every sample of the data set
    std::int64_t count_ = 0;
};

} // namespace limbeck
