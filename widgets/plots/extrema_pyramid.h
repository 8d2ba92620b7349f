// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace limbeck {

/// Where the least and the greatest of a range of values stand, in logarithmic time: each level holds, for
/// every 16 entries of the one below, the indices of their extrema. The values stay with the owner, who
/// passes them as functions of the index; values that are not finite are skipped. Half a byte a point.
class ExtremaPyramid {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    static constexpr std::size_t fan = 16;

    struct Extrema {
        std::uint32_t low = none;  ///< index of the least value; none: no finite value
        std::uint32_t high = none; ///< index of the greatest value
    };

    /// Builds the blocks that are complete with `count` values. O(1) amortised when called after each append.
    template <class Low, class High>
    void grow(std::size_t count, Low low, High high) {
        std::size_t size = fan;
        for (std::size_t level = 0; count / size > 0; ++level, size *= fan) {
            if (level == levels_.size()) levels_.emplace_back();
            if (levels_[level].size() == count / size) break; // then no higher block is complete either
            while (levels_[level].size() < count / size) {
                const std::size_t block = levels_[level].size();
                Extrema extrema;
                for (std::size_t part = block * fan; part < (block + 1) * fan; ++part) {
                    if (level == 0)
                        takePoint(extrema, part, low, high);
                    else
                        take(extrema, levels_[level - 1][part], low, high);
                }
                levels_[level].push_back(extrema);
            }
        }
    }

    /// Extrema of the values begin … end - 1.
    template <class Low, class High>
    Extrema query(std::size_t begin, std::size_t end, Low low, High high) const {
        Extrema result;
        while (begin < end) {
            std::size_t size = 1, level = 0; // the largest complete block that starts here and fits
            while (level < levels_.size() && begin % (size * fan) == 0 && begin + size * fan <= end &&
                   begin / (size * fan) < levels_[level].size()) {
                size *= fan;
                ++level;
            }
            if (level == 0)
                takePoint(result, begin, low, high);
            else
                take(result, levels_[level - 1][begin / size], low, high);
            begin += size;
        }
        return result;
    }

    /// Forgets blocks that reach beyond `count` values.
    void truncate(std::size_t count) {
        std::size_t size = fan;
        for (auto& level : levels_) {
            if (level.size() > count / size) level.resize(count / size);
            size *= fan;
        }
    }

    void clear() { levels_.clear(); }

    std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& level : levels_)
            sum += level.capacity() * sizeof(Extrema);
        return sum;
    }

  private:
    template <class Low, class High>
    static void takePoint(Extrema& extrema, std::size_t index, Low low, High high) {
        if (!std::isfinite(low(index)) || !std::isfinite(high(index))) return;
        const auto at = static_cast<std::uint32_t>(index);
        take(extrema, Extrema{at, at}, low, high);
    }

    template <class Low, class High>
    static void take(Extrema& extrema, const Extrema& other, Low low, High high) {
        if (other.low == none) return;
        if (extrema.low == none || low(other.low) < low(extrema.low)) extrema.low = other.low;
        if (extrema.high == none || high(other.high) > high(extrema.high)) extrema.high = other.high;
    }

    std::vector<std::vector<Extrema>> levels_;
};

} // namespace limbeck
