// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/polyline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace limbeck {
namespace {

/// Narrows t0 … t1 to where p * t <= q; false when nothing is left.
bool narrow(double p, double q, double& t0, double& t1) {
    if (p == 0) return q >= 0;
    const double t = q / p;
    if (p < 0) {
        if (t > t1) return false;
        if (t > t0) t0 = t;
    } else {
        if (t < t0) return false;
        if (t < t1) t1 = t;
    }
    return true;
}

double pixelY(double y, const PlotScale& scale) {
    return scale.y * (scale.log ? std::log10(y) : y);
}

} // namespace

std::vector<PlotPoint> clipped(const std::vector<PlotPoint>& line, const PlotBox& box, bool log) {
    constexpr double gap = std::numeric_limits<double>::quiet_NaN();
    const auto forth = [log](double y) { return log ? std::log10(y) : y; };
    const auto back = [log](double y) { return log ? std::pow(10.0, y) : y; };
    const double bottom = forth(box.bottom), top = forth(box.top);

    std::vector<PlotPoint> result;
    for (std::size_t i = 1; i < line.size(); ++i) {
        const double y0 = forth(line[i - 1].y), y1 = forth(line[i].y);
        if (!std::isfinite(y0) || !std::isfinite(y1)) continue;
        const double dx = line[i].x - line[i - 1].x, dy = y1 - y0;
        double t0 = 0, t1 = 1;
        if (!narrow(-dx, line[i - 1].x - box.left, t0, t1) ||
            !narrow(dx, box.right - line[i - 1].x, t0, t1) || !narrow(-dy, y0 - bottom, t0, t1) ||
            !narrow(dy, top - y0, t0, t1))
            continue;
        const PlotPoint from{line[i - 1].x + t0 * dx, t0 == 0 ? line[i - 1].y : back(y0 + t0 * dy)};
        const PlotPoint to{line[i - 1].x + t1 * dx, t1 == 1 ? line[i].y : back(y0 + t1 * dy)};
        if (result.empty() || result.back() != from) {
            if (!result.empty()) result.push_back({from.x, gap});
            result.push_back(from);
        }
        result.push_back(to);
    }
    return result;
}

void dropNonPositive(std::vector<PlotPoint>& line) {
    for (PlotPoint& point : line)
        if (!(point.y > 0)) point.y = std::numeric_limits<double>::quiet_NaN();
}

std::vector<PlotPoint> simplified(const std::vector<PlotPoint>& line, const PlotScale& scale,
                                  double tolerance) {
    // From the last point that was kept, the cone of slopes that pass all points since within the tolerance.
    std::vector<PlotPoint> result;
    result.reserve(line.size());
    double low = 0, high = 0;
    bool open = false; // a cone with at least one point in it, `line[i - 1]` the last
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool gap = !std::isfinite(line[i].y) || !std::isfinite(pixelY(line[i].y, scale));
        const bool start = result.empty() || !std::isfinite(result.back().y);
        if (gap || start) {
            if (open) result.push_back(line[i - 1]);
            if (!gap || !result.empty()) result.push_back(line[i]);
            open = false;
            continue;
        }
        const auto cone = [&](double& least, double& greatest) {
            const double dx = (line[i].x - result.back().x) * scale.x;
            const double dy = pixelY(line[i].y, scale) - pixelY(result.back().y, scale);
            if (dx <= 0) return false;
            least = (dy - tolerance) / dx;
            greatest = (dy + tolerance) / dx;
            return true;
        };
        double least = 0, greatest = 0;
        if (open) {
            const double dx = (line[i].x - result.back().x) * scale.x;
            const double slope = (pixelY(line[i].y, scale) - pixelY(result.back().y, scale)) / dx;
            if (dx > 0 && slope >= low && slope <= high && cone(least, greatest)) {
                low = std::max(low, least);
                high = std::min(high, greatest);
                continue;
            }
            result.push_back(line[i - 1]);
        }
        open = cone(low, high);
        if (!open) result.push_back(line[i]);
    }
    if (open) result.push_back(line.back());
    return result;
}

std::vector<PlotPoint> dashed(const std::vector<PlotPoint>& line, const PlotScale& scale,
                              const std::vector<double>& dashes) {
    constexpr double gap = std::numeric_limits<double>::quiet_NaN();
    double period = 0;
    for (const double each : dashes)
        period += each;
    if (!(period > 0)) return line;

    std::vector<PlotPoint> result;
    const auto pen = [&](double x, bool& down, double& until) { // state at x and the x where it ends
        double phase = x * scale.x - std::floor(x * scale.x / period) * period;
        double end = x * scale.x - phase;
        for (std::size_t i = 0; i < dashes.size(); ++i) {
            end += dashes[i];
            down = i % 2 == 0;
            if (phase < dashes[i]) break;
            phase -= dashes[i];
        }
        until = end / scale.x;
    };
    const auto lift = [&] {
        if (!result.empty() && std::isfinite(result.back().y)) result.push_back({result.back().x, gap});
    };
    for (std::size_t i = 1; i < line.size(); ++i) {
        const PlotPoint& from = line[i - 1];
        const PlotPoint& to = line[i];
        if (!std::isfinite(from.y) || !std::isfinite(to.y)) {
            lift();
            continue;
        }
        const double y0 = scale.log ? std::log10(from.y) : from.y, y1 = scale.log ? std::log10(to.y) : to.y;
        const auto at = [&](double x) {
            const double t = to.x > from.x ? (x - from.x) / (to.x - from.x) : 1;
            const double y = y0 + t * (y1 - y0);
            return PlotPoint{x, scale.log ? std::pow(10.0, y) : y};
        };
        double x = from.x;
        while (true) {
            bool down = true;
            double until = 0;
            pen(x, down, until);
            if (until <= x) until = std::nextafter(x, to.x + 1); // rounding at the end of a dash
            const double end = std::min(until, to.x);
            if (down) {
                const PlotPoint begin = x == from.x ? from : at(x);
                if (result.empty() || result.back() != begin) {
                    lift();
                    result.push_back(begin);
                }
                result.push_back(end == to.x ? to : at(end));
            } else {
                lift();
            }
            if (end >= to.x) break;
            x = end;
        }
    }
    return result;
}

std::vector<PixelColumn> pixelColumns(const std::vector<PlotPoint>& line, int left, int right) {
    std::vector<PixelColumn> columns;
    const auto take = [&columns](int x, double y0, double y1) {
        if (columns.empty() || columns.back().x < x) columns.push_back({x, y0, y0});
        PixelColumn& column = columns.back();
        column.low = std::min({column.low, y0, y1});
        column.high = std::max({column.high, y0, y1});
    };
    for (std::size_t i = 1; i < line.size(); ++i) {
        const PlotPoint& from = line[i - 1];
        const PlotPoint& to = line[i];
        if (!std::isfinite(from.y) || !std::isfinite(to.y)) continue;
        // Most pieces of a dense line lie within one column.
        if (const double edge = columns.empty() ? 0 : columns.back().x;
            !columns.empty() && from.x >= edge && to.x >= from.x && to.x < edge + 1) {
            take(columns.back().x, from.y, to.y);
            continue;
        }
        const double begin = std::max<double>(from.x, left), end = std::min<double>(to.x, right + 1);
        if (!(begin <= end)) continue;
        const double slope = to.x > from.x ? (to.y - from.y) / (to.x - from.x) : 0;
        const auto at = [&](double x) {
            return x <= from.x ? from.y : x >= to.x ? to.y : from.y + slope * (x - from.x);
        };
        const int last = std::min(right, static_cast<int>(std::floor(end)));
        for (int x = static_cast<int>(std::floor(begin)); x <= last; ++x) {
            // An upright piece lies in one column, with both of its ends.
            const bool upright = to.x <= from.x;
            take(x, upright ? from.y : at(std::max<double>(begin, x)),
                 upright ? to.y : at(std::min(end, x + 1.0)));
        }
    }
    return columns;
}

} // namespace limbeck
