// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "widgets/plots/chunked_vector.h"

namespace limbeck {

/// Where the least and the greatest of a range of values stand, in logarithmic time: the first level holds,
/// for every 16 values, and each further one for every 4 entries of the one below, the indices of their
/// extrema, and the extrema themselves in single precision, so that a look at a block does not fetch two
/// points from elsewhere in memory. The values stay with the owner, who passes them as functions of the index
/// and is asked where single precision cannot tell; values that are not finite are skipped. A good byte a
/// point.
class ExtremaPyramid {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    static constexpr std::size_t base = 16; ///< values in a block of the first level
    static constexpr std::size_t fan = 4;   ///< blocks of one level in a block of the next

    struct Extrema {
        std::uint32_t low = none;  ///< index of the least value; none: no finite value
        std::uint32_t high = none; ///< index of the greatest value
        float least = 0, greatest = 0;
    };

    /// Builds the blocks that are complete with `count` values. O(1) amortised when called after each append.
    template <class Low, class High>
    void grow(std::size_t count, Low low, High high) {
        std::size_t size = base;
        for (std::size_t level = 0; count / size > 0; ++level, size *= fan) {
            const std::size_t parts = level == 0 ? base : fan;
            if (level == levels_.size()) levels_.emplace_back();
            if (levels_[level].size() == count / size) break; // then no higher block is complete either
            while (levels_[level].size() < count / size) {
                const std::size_t block = levels_[level].size();
                Extrema extrema;
                takeAll(extrema, level, block * parts, (block + 1) * parts, low, high);
                levels_[level].push_back(extrema);
            }
        }
    }

    /// Extrema of the values begin … end - 1.
    template <class Low, class High>
    Extrema query(std::size_t begin, std::size_t end, Low low, High high) const {
        Extrema result;
        // Up: what stands before the first whole block of each level …
        std::size_t level = 0; // 0: the values themselves; begin and end count entries of this level
        std::array<std::pair<std::size_t, std::size_t>, 32>
            rests; // … and after the last one, for the way down
        while (level < levels_.size()) {
            const std::size_t parts = level == 0 ? base : fan; // a constant in each branch: no division
            const std::size_t first = level == 0 ? (begin + base - 1) / base : (begin + fan - 1) / fan;
            const std::size_t last = std::min(level == 0 ? end / base : end / fan, levels_[level].size());
            if (first >= last) break;
            takeAll(result, level, begin, first * parts, low, high);
            rests[level] = {last * parts, end};
            begin = first;
            end = last;
            ++level;
        }
        takeAll(result, level, begin, end, low, high);
        while (level > 0) {
            --level;
            takeAll(result, level, rests[level].first, rests[level].second, low, high);
        }
        return result;
    }

    /// Forgets blocks that reach beyond `count` values.
    void truncate(std::size_t count) {
        std::size_t size = base;
        for (auto& level : levels_) {
            if (level.size() > count / size) level.truncate(count / size);
            size *= fan;
        }
    }

    void clear() { levels_.clear(); }

    std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& level : levels_)
            sum += level.bytes();
        return sum;
    }

  private:
    /// Entries begin … end - 1 of a level; of level 0 the values themselves.
    template <class Low, class High>
    void takeAll(Extrema& extrema, std::size_t level, std::size_t begin, std::size_t end, Low low,
                 High high) const {
        if (level == 0)
            takePoints(extrema, begin, end, low, high);
        else
            for (; begin < end; ++begin)
                take(extrema, levels_[level - 1][begin], low, high);
    }

    template <class Low, class High>
    static void takePoints(Extrema& extrema, std::size_t begin, std::size_t end, Low low, High high) {
        constexpr double infinite = std::numeric_limits<double>::infinity();
        double least = infinite, greatest = -infinite;
        std::size_t lowest = none, highest = none;
        for (std::size_t index = begin; index < end; ++index) {
            const double from = low(index), to = high(index);
            if (!(to - from < infinite)) continue; // one of them is not finite, or both are not
            if (from < least) {
                least = from;
                lowest = index;
            }
            if (to > greatest) {
                greatest = to;
                highest = index;
            }
        }
        if (lowest != none)
            take(extrema,
                 Extrema{static_cast<std::uint32_t>(lowest), static_cast<std::uint32_t>(highest),
                         static_cast<float>(least), static_cast<float>(greatest)},
                 low, high);
    }

    template <class Low, class High>
    static void take(Extrema& extrema, const Extrema& other, Low low, High high) {
        if (other.low == none) return;
        if (extrema.low == none) {
            extrema = other;
            return;
        }
        // Rounding keeps the order: only of two that round to the same the values themselves must be asked.
        if (other.least < extrema.least ||
            (other.least == extrema.least && low(other.low) < low(extrema.low))) {
            extrema.low = other.low;
            extrema.least = other.least;
        }
        if (other.greatest > extrema.greatest ||
            (other.greatest == extrema.greatest && high(other.high) > high(extrema.high))) {
            extrema.high = other.high;
            extrema.greatest = other.greatest;
        }
    }

    std::vector<ChunkedVector<Extrema, 256>> levels_;
};

} // namespace limbeck
