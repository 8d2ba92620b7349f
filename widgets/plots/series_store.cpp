// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/series_store.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace limbeck {

double SeriesStore::low(std::size_t index, Trace trace) const {
    if (trace == Trace::smoothed && smoothed_.size() > 0) return smoothed_[index];
    return hasSpread() && trace == Trace::raw ? spread_[index].minimum : means_[index];
}

double SeriesStore::high(std::size_t index, Trace trace) const {
    if (trace == Trace::smoothed && smoothed_.size() > 0) return smoothed_[index];
    return hasSpread() && trace == Trace::raw ? spread_[index].maximum : means_[index];
}

void SeriesStore::append(double x, double y) {
    append(x, y, static_cast<float>(y), static_cast<float>(y));
}

void SeriesStore::append(double x, double mean, float minimum, float maximum) {
    if (!std::isfinite(x)) return;
    if (!empty() && x <= steps_[size() - 1]) truncate(lowerBound(x));
    forgetPictures();

    const auto plain = static_cast<float>(mean);
    const bool spread = std::isfinite(mean) && (minimum < plain || maximum > plain);
    if (spread && !hasSpread()) {
        for (std::size_t i = 0; i < size(); ++i) {
            const auto y = static_cast<float>(means_[i]);
            spread_.push_back({y, y});
        }
    }
    if (spread || hasSpread()) spread_.push_back(spread ? Spread{minimum, maximum} : Spread{plain, plain});
    steps_.push_back(x);
    means_.push_back(mean);
    if (size() % ExtremaPyramid::base == 0) growExtrema();
    if (weight_ > 0) smoothOne(size() - 1);
}

void SeriesStore::growExtrema() {
    extrema_.grow(
        size(), [this](std::size_t i) { return low(i, Trace::raw); },
        [this](std::size_t i) { return high(i, Trace::raw); });
}

void SeriesStore::clear() {
    truncate(0);
}

void SeriesStore::truncate(std::size_t count) {
    forgetPictures();
    steps_.truncate(count);
    means_.truncate(count);
    if (hasSpread()) spread_.truncate(count);
    extrema_.truncate(count);
    if (weight_ > 0) {
        // The average cannot be run backwards without loss of digits; this happens once per resumed run.
        const double weight = weight_;
        weight_ = 0;
        setSmoothing(weight);
    }
}

std::size_t SeriesStore::bytes() const {
    return steps_.bytes() + means_.bytes() + spread_.bytes() + extrema_.bytes() + smoothed_.bytes() +
           smoothed_extrema_.bytes();
}

std::size_t SeriesStore::lowerBound(double x) const {
    return steps_.lowerBound(x, 0, size());
}

std::size_t SeriesStore::boundary(std::size_t begin, std::size_t end, double x, std::size_t stride) const {
    // Steps are about even, so the next column is about as long as the last: look there first.
    std::size_t low_end = begin, high_end = std::min(end, begin + stride + 1);
    while (high_end < end && steps_[high_end] < x) {
        low_end = high_end;
        stride *= 2;
        high_end = std::min(end, high_end + stride + 1);
    }
    if (stride > 8 && high_end - low_end > 8 && high_end >= 8 && steps_[high_end - 8] < x)
        low_end = high_end - 8;
    return steps_.lowerBound(x, low_end, high_end);
}

std::size_t SeriesStore::blockBoundary(std::size_t begin, std::size_t end, double x, std::size_t stride,
                                       std::size_t unit) const {
    constexpr int most_looks = 6; // steps are about even: two are enough then
    std::size_t at = (begin + stride + unit / 2) / unit * unit;
    const auto before = [&](std::size_t index) { return index < end && steps_[index] < x; };
    for (int look = 0; look < most_looks; ++look) {
        if (before(at))
            at += unit;
        else if (at >= begin + unit && !before(at - unit))
            at -= unit;
        else
            return std::min(at, end);
    }
    return std::min((boundary(begin, end, x, stride) + unit / 2) / unit * unit, end);
}

std::optional<std::size_t> SeriesStore::nearest(double x) const {
    if (empty()) return std::nullopt;
    const std::size_t after = lowerBound(x);
    if (after == 0) return after;
    if (after == size()) return after - 1;
    return steps_[after] - x < x - steps_[after - 1] ? after : after - 1;
}

std::optional<std::size_t> SeriesStore::atOrBefore(double x) const {
    const std::size_t after = lowerBound(x);
    if (after < size() && steps_[after] == x) return after;
    return after > 0 ? std::optional(after - 1) : std::nullopt;
}

void SeriesStore::setSmoothing(double weight) {
    weight = std::clamp(weight, 0.0, 0.999);
    if (weight == weight_) return;
    weight_ = weight;
    forgetPictures();
    smoothed_.clear();
    smoothed_extrema_.clear();
    average_ = 0;
    remainder_ = 1;
    if (weight_ == 0) return;
    for (std::size_t i = 0; i < size(); ++i)
        smoothOne(i);
}

void SeriesStore::smoothOne(std::size_t index) {
    const double y = means_[index];
    if (std::isfinite(y)) {
        average_ = weight_ * average_ + (1 - weight_) * y;
        remainder_ = remainder_ > 1e-12 ? remainder_ * weight_ : 0; // 1 - remainder_ is 1 in a float by then
        smoothed_.push_back(static_cast<float>(average_ / (1 - remainder_)));
    } else {
        smoothed_.push_back(std::numeric_limits<float>::quiet_NaN());
    }
    if (smoothed_.size() % ExtremaPyramid::base == 0) {
        const auto at = [this](std::size_t i) { return smoothed_[i]; };
        smoothed_extrema_.grow(smoothed_.size(), at, at);
    }
}

double SeriesStore::smoothed(std::size_t index) const {
    return weight_ > 0 ? smoothed_[index] : means_[index];
}

void SeriesStore::emitPoint(std::size_t index, Trace trace, std::vector<PlotPoint>& out) const {
    const double y = trace == Trace::smoothed ? smoothed(index) : means_[index];
    out.push_back({steps_[index], std::isfinite(y) ? y : std::numeric_limits<double>::quiet_NaN()});
}

ExtremaPyramid::Extrema SeriesStore::extremaOf(std::size_t begin, std::size_t end, Trace trace) const {
    // The innermost loop of every frame: what to read is decided once, not for each value.
    if (trace == Trace::smoothed && weight_ > 0) {
        const auto at = [this](std::size_t i) { return smoothed_[i]; };
        return smoothed_extrema_.query(begin, end, at, at);
    }
    if (hasSpread())
        return extrema_.query(
            begin, end, [this](std::size_t i) { return spread_[i].minimum; },
            [this](std::size_t i) { return spread_[i].maximum; });
    const auto at = [this](std::size_t i) { return means_[i]; };
    return extrema_.query(begin, end, at, at);
}

void SeriesStore::emitColumn(std::size_t begin, std::size_t end, Trace trace, bool exact,
                             std::vector<PlotPoint>& out) const {
    const auto found = extremaOf(begin, end, trace);
    if (found.low == ExtremaPyramid::none) { // nothing finite in it
        emitPoint(begin, trace, out);
        return;
    }
    const bool single = !exact || (trace == Trace::smoothed && weight_ > 0); // kept so: no need to look
    PlotPoint least{steps_[found.low], single ? found.least : low(found.low, trace)};
    PlotPoint greatest{steps_[found.high], single ? found.greatest : high(found.high, trace)};
    if (least.x > greatest.x) std::swap(least, greatest);
    out.push_back(least);
    if (greatest != least) out.push_back(greatest);
}

void SeriesStore::envelope(double x0, double x1, int pixels, Trace trace, std::vector<PlotPoint>& out) const {
    if (empty() || !(x1 > x0) || pixels < 1) return;
    Picture& kept = pictures_[trace == Trace::smoothed ? 1 : 0];
    if (kept.x0 != x0 || kept.x1 != x1 || kept.pixels != pixels) {
        kept = {x0, x1, pixels, std::move(kept.points)};
        kept.points.clear();
        drawEnvelope(x0, x1, pixels, trace, kept.points);
    }
    out.insert(out.end(), kept.points.begin(), kept.points.end());
}

void SeriesStore::forgetPictures() {
    for (Picture& each : pictures_)
        each.pixels = 0;
}

void SeriesStore::drawEnvelope(double x0, double x1, int pixels, Trace trace,
                               std::vector<PlotPoint>& out) const {
    const std::size_t begin = lowerBound(x0);
    std::size_t end = lowerBound(x1);
    if (end < size() && steps_[end] == x1) ++end;
    if (begin > 0) emitPoint(begin - 1, trace, out);

    // A point that stands for several steps is drawn as its mean while there is room, not as a needle.
    if (end - begin <= 2 * static_cast<std::size_t>(pixels)) {
        for (std::size_t i = begin; i < end; ++i)
            emitPoint(i, trace, out);
    } else {
        // Columns stand on multiples of their width, not on the left edge: a line that is panned or that
        // grows must not shimmer.
        const double width = (x1 - x0) / pixels;
        const double first = std::floor(x0 / width);
        std::size_t at = begin, stride = (end - begin) / static_cast<std::size_t>(pixels);
        // Where a column holds dozens of points it ends at the nearest whole block of the pyramid, at most an
        // eighth of a pixel off: then no point is looked at but the extrema.
        std::size_t unit = 1;
        for (std::size_t size = ExtremaPyramid::base; 4 * size <= stride; size *= ExtremaPyramid::fan)
            unit = size;
        emitPoint(begin, trace, out);
        for (int column = 1; at < end; ++column) {
            const bool last = column > pixels;
            const double edge = (first + column) * width;
            const std::size_t next = last       ? end
                                     : unit > 1 ? blockBoundary(at, end, edge, stride, unit)
                                                : boundary(at, end, edge, stride);
            stride = std::max<std::size_t>(1, next - at);
            if (next > at) emitColumn(at, next, trace, unit == 1, out);
            at = next;
        }
        emitPoint(end - 1, trace, out);
    }
    if (end < size()) emitPoint(end, trace, out);
}

} // namespace limbeck
