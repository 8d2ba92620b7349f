// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "widgets/plots/chunked_vector.h"
#include "widgets/plots/extrema_pyramid.h"
#include "widgets/plots/step_column.h"

namespace limbeck {

/// A point of a drawn line; a y that is not finite is a gap.
struct PlotPoint {
    double x = 0, y = 0;
    bool operator==(const PlotPoint&) const = default;
};

/// All points of one series and what drawing them at any zoom needs, so that a frame costs the same for a
/// thousand points and for ten million. At most 24 bytes a point, smoothing and the least and greatest of
/// points that stand for several steps included; 8 more where steps are not evenly apart.
class SeriesStore {
  public:
    enum class Trace { raw, smoothed };

    /// O(1) amortised. An x not after the last one drops what stands from there on: a run that went on from
    /// its last checkpoint says again what came after it. An x that is not finite is ignored.
    void append(double x, double y);
    void append(double x, double mean, float minimum, float maximum);
    void clear();

    std::size_t size() const { return means_.size(); }

    bool empty() const { return size() == 0; }

    PlotPoint point(std::size_t index) const { return {steps_[index], means_[index]}; }

    /// Over the steps that the point stands for; the mean itself for a single one.
    double minimum(std::size_t index) const { return low(index, Trace::raw); }

    double maximum(std::size_t index) const { return high(index, Trace::raw); }

    bool hasSpread() const { return spread_.size() > 0; }

    std::size_t bytes() const;

    /// Index of the first point with an x not less than this one; size() if there is none.
    std::size_t lowerBound(double x) const;
    /// Index of the point whose x is nearest.
    std::optional<std::size_t> nearest(double x) const;
    /// Index of the last point at or before x.
    std::optional<std::size_t> atOrBefore(double x) const;

    /// Weight of the past in an exponential moving average with bias correction, 0 (none) … 0.999:
    ///   m_i = w m_{i-1} + (1 - w) y_i,  smoothed_i = m_i / (1 - w^i)    (Kingma & Ba 2015, section 3)
    /// over the finite means. Setting another weight costs O(size), appending goes on in O(1).
    void setSmoothing(double weight);

    double smoothing() const { return weight_; }

    /// The mean itself where nothing is smoothed.
    double smoothed(std::size_t index) const;

    /// What a line over x0 … x1 on so many pixels looks like: every point while they are few, else the least
    /// and the greatest of each column of pixels; the first and the last, and one neighbour beyond each edge,
    /// so that lines run out of the picture. A column of dozens of points may end an eighth of a pixel
    /// off, and its extrema are told in single precision. A column without a finite value is a gap. At most 2
    /// * (pixels + 1) + 4 points, appended to `out` in the order of x. Asked again for the same picture it
    /// looks at no point.
    void envelope(double x0, double x1, int pixels, Trace trace, std::vector<PlotPoint>& out) const;

  private:
    struct Spread {
        float minimum = 0, maximum = 0;
    };

    double low(std::size_t index, Trace trace) const;
    double high(std::size_t index, Trace trace) const;
    void truncate(std::size_t count);
    void growExtrema();
    void smoothOne(std::size_t index);
    std::size_t boundary(std::size_t begin, std::size_t end, double x, std::size_t stride) const;
    std::size_t blockBoundary(std::size_t begin, std::size_t end, double x, std::size_t stride,
                              std::size_t unit) const;
    ExtremaPyramid::Extrema extremaOf(std::size_t begin, std::size_t end, Trace trace) const;
    void drawEnvelope(double x0, double x1, int pixels, Trace trace, std::vector<PlotPoint>& out) const;
    void emitPoint(std::size_t index, Trace trace, std::vector<PlotPoint>& out) const;
    void emitColumn(std::size_t begin, std::size_t end, Trace trace, bool exact,
                    std::vector<PlotPoint>& out) const;

    StepColumn steps_;
    ChunkedVector<double> means_;
    ChunkedVector<Spread> spread_; ///< empty until the first point that stands for several steps
    ExtremaPyramid extrema_;

    double weight_ = 0;
    ChunkedVector<float> smoothed_; ///< empty while weight_ is 0
    ExtremaPyramid smoothed_extrema_;

    struct Picture {
        double x0 = 0, x1 = 0;
        int pixels = 0; ///< 0: none is kept
        std::vector<PlotPoint> points;
    };

    void forgetPictures();

    mutable Picture pictures_[2]; ///< the last one of each trace: axes are fitted to what is then drawn
    double average_ = 0;          ///< m_i
    double remainder_ = 1;        ///< w^i
};

} // namespace limbeck
