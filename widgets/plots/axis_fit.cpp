// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/axis_fit.h"

#include <algorithm>
#include <cmath>

namespace limbeck {
namespace {

struct Span {
    std::optional<AxisRange> range;

    void take(double value) {
        if (!std::isfinite(value)) return;
        range = range ? AxisRange(std::min(range->first, value), std::max(range->second, value))
                      : AxisRange(value, value);
    }
};

/// Finite values of a trace, in no order.
class Values {
  public:
    Values(const SeriesStore& store, AxisRange x, double from, int pixels, SeriesStore::Trace trace,
           bool log) {
        std::vector<PlotPoint> points;
        store.envelope(x.first, x.second, pixels, trace, points);
        for (const PlotPoint& point : points)
            if (point.x >= from && point.x <= x.second && std::isfinite(point.y) && (!log || point.y > 0))
                values_.push_back(point.y);
    }

    bool empty() const { return values_.empty(); }

    double least() const { return *std::min_element(values_.begin(), values_.end()); }

    double greatest() const { return *std::max_element(values_.begin(), values_.end()); }

    double quantile(double q) {
        const auto at = values_.begin() + std::lround(q * static_cast<double>(values_.size() - 1));
        std::nth_element(values_.begin(), at, values_.end());
        return *at;
    }

  private:
    std::vector<double> values_;
};

/// Where the values of a series begin to matter to the fit. What a network says before it has learned
/// anything (an evaluation at step 0, the first twentieth of the batches) would press all that follows into a
/// strip; once enough follows, the curve comes in from outside of the axis.
double settledFrom(const SeriesStore& store, SeriesRole role) {
    constexpr std::size_t enough_full = 6, enough_raw = 200;
    const double first = store.point(0).x, last = store.point(store.size() - 1).x;
    if (role == SeriesRole::full) return store.size() < enough_full ? first : store.point(1).x;
    return store.size() < enough_raw ? first : first + (last - first) / 20;
}

/// All of a line but its top where that is far off. What is usual is asked of the raw points: a moving
/// average drags a spike of two steps along for dozens.
void takeRobustly(Span& span, Values line, Values& raw) {
    if (line.empty() || raw.empty()) return;
    const double low = line.least(), high = line.greatest();
    const double usual = std::max(low, std::min(line.quantile(0.995), raw.quantile(0.99)));
    span.take(low);
    span.take(high - usual > 0.5 * (usual - low) ? usual : high);
}

AxisRange padded(AxisRange range, bool log) {
    if (log) {
        const double low = std::log10(range.first), high = std::log10(range.second);
        const double pad = std::max(0.04 * (high - low), 0.02);
        return {std::pow(10.0, low - pad), std::pow(10.0, high + pad)};
    }
    double pad = 0.05 * (range.second - range.first);
    if (pad <= 1e-9 * std::abs(range.second)) pad = std::max(0.05 * std::abs(range.second), 1e-6);
    return {range.first - pad, range.second + pad};
}

AxisRange percentRange(AxisRange data) {
    constexpr double least = 0.05; // of the axis: noise of a few samples must not look like a landslide
    AxisRange range = padded(data, false);
    if (range.second - range.first < least) {
        const double middle = (range.first + range.second) / 2;
        range = {middle - least / 2, middle + least / 2};
    }
    const double shift_down = std::max(0.0, range.second - 1), shift_up = std::max(0.0, -range.first);
    if (data.second - data.first < least) { // keep the span where the clamp would eat it
        range.first -= shift_down;
        range.second += shift_up;
    }
    return {std::clamp(range.first, 0.0, 1.0), std::clamp(range.second, 0.0, 1.0)};
}

} // namespace

AxisRange fittedX(const std::optional<AxisRange>& extent, double expected) {
    double lower = 0, upper = std::max(expected, 1.0);
    if (extent) {
        upper = std::max(expected, extent->second);
        lower = extent->first;
        if (lower - 0 <= 0.1 * (upper - lower)) lower = std::min(lower, 0.0);
        if (upper <= lower) upper = lower + 1;
    }
    // The newest point's marker needs room at the right.
    return {lower, upper + 0.01 * (upper - lower)};
}

AxisRange fittedY(const PlotModel& model, double x0, double x1, PlotUnit unit, bool log, int pixels) {
    Span span;
    for (const auto& each : model.series()) {
        const SeriesStore& store = each->store;
        if (store.empty() || !model.isVisible(*each)) continue;
        if (each->spec.role == SeriesRole::flat) {
            const double y = store.point(store.size() - 1).y;
            if (!log || y > 0) span.take(y);
            continue;
        }
        // Whoever has zoomed into the start wants to see the start.
        const double settled = settledFrom(store, each->spec.role);
        const double from = settled < x0 + 0.5 * (x1 - x0) ? std::max(x0, settled) : x0;
        const auto values = [&](SeriesStore::Trace trace, int columns) {
            return Values(store, {x0, x1}, from, columns, trace, log);
        };
        Values raw = values(SeriesStore::Trace::raw, pixels);
        if (each->spec.role == SeriesRole::full) {
            if (raw.empty()) continue;
            span.take(raw.least());
            span.take(raw.greatest());
            continue;
        }
        // The columns that the curves are then drawn in, so that they are looked for once.
        takeRobustly(span, values(SeriesStore::Trace::smoothed, std::max(1, pixels / 2)), raw);
        if (store.smoothing() == 0 || raw.empty()) continue;
        span.take(raw.quantile(0.05));
        span.take(raw.quantile(0.95));
    }
    if (!span.range) return log ? AxisRange(0.1, 10) : AxisRange(0, 1);
    if (unit == PlotUnit::percent) return percentRange(*span.range);
    AxisRange range = padded(*span.range, log);
    if (!log && span.range->first >= 0) {
        // Losses: down to 0 where the data come near, and never under it.
        if (span.range->first < 0.25 * span.range->second) range.first = 0;
        range.first = std::max(range.first, 0.0);
    }
    return range;
}

AxisRange steadied(const AxisRange& current, const AxisRange& wanted, bool log) {
    const auto forth = [log](double y) { return log ? std::log10(std::max(y, 1e-300)) : y; };
    const double span = forth(wanted.second) - forth(wanted.first);
    const double below = forth(wanted.first) - forth(current.first);
    const double above = forth(current.second) - forth(wanted.second);
    constexpr double slack = 0.12; // of the axis that may stay unused at either end
    AxisRange result = wanted;
    if (below >= 0 && below < slack * span) result.first = current.first;
    if (above >= 0 && above < slack * span) result.second = current.second;
    return result;
}

} // namespace limbeck
