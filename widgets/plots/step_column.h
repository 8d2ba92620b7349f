// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace limbeck {

/// The steps at which the points of a series stand, ascending. Training reports at even distances, so a chunk
/// keeps its first step and the distance alone and counts: nothing a point, and looking one up does not fetch
/// it from memory. A chunk whose steps are not evenly apart keeps them all. What is read is what was given,
/// to the bit.
class StepColumn {
  public:
    static constexpr std::size_t chunk = 1024;

    std::size_t size() const { return size_; }

    double operator[](std::size_t index) const {
        const Chunk& its = chunks_[index / chunk];
        return its.values ? its.values[index % chunk] : its.even(index % chunk);
    }

    void push_back(double x) {
        const std::size_t place = size_ % chunk;
        if (place == 0) chunks_.push_back({x, 0, nullptr});
        Chunk& its = chunks_.back();
        if (place == 1 && !its.values) its.distance = x - its.first;
        if (!its.values && its.even(place) != x) its.spell_out(place);
        if (its.values) its.values[place] = x;
        ++size_;
    }

    void truncate(std::size_t count) {
        size_ = count;
        chunks_.resize((count + chunk - 1) / chunk);
        // With a single step left the next one gives the distance.
        if (count % chunk == 1) chunks_.back() = {(*this)[count - 1], 0, nullptr};
    }

    /// Index of the first of begin … end - 1 with a step not less than x; end if there is none.
    std::size_t lowerBound(double x, std::size_t begin, std::size_t end) const {
        std::size_t count = end - begin;
        while (count > 0) {
            const std::size_t half = count / 2;
            if ((*this)[begin + half] < x) {
                begin += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return begin;
    }

    std::size_t bytes() const {
        const auto spelt = std::count_if(chunks_.begin(), chunks_.end(),
                                         [](const Chunk& each) { return each.values != nullptr; });
        return chunks_.capacity() * sizeof(Chunk) + static_cast<std::size_t>(spelt) * chunk * sizeof(double);
    }

  private:
    struct Chunk {
        double first = 0, distance = 0;
        std::unique_ptr<double[]> values; ///< null: evenly apart

        double even(std::size_t place) const { return first + distance * static_cast<double>(place); }

        void spell_out(std::size_t count) {
            values = std::make_unique<double[]>(chunk);
            for (std::size_t i = 0; i < count; ++i)
                values[i] = even(i);
        }
    };

    std::vector<Chunk> chunks_;
    std::size_t size_ = 0;
};

} // namespace limbeck
