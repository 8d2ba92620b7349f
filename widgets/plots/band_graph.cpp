// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/band_graph.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <qcustomplot.h>

#include "widgets/plots/polyline.h"

namespace limbeck {
namespace {

constexpr double dense = 0.5;           ///< points a pixel
constexpr std::size_t shades = 64;      ///< of the ends of a column
constexpr std::ptrdiff_t most_gaps = 8; ///< more: dashes, which columns would lengthen

class BandGraph : public QCPGraph {
  public:
    using QCPGraph::QCPGraph;

  protected:
    void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const override {
        const QRectF area = clipRect();
        const QPen pen = painter->pen();
        // Pictures that are exported at a scale of their own have finer columns than these.
        const bool screen = !painter->modes().testFlag(QCPPainter::pmVectorized) &&
                            painter->worldTransform().type() <= QTransform::TxTranslate &&
                            pen.style() == Qt::SolidLine;
        const auto gaps = std::count_if(lines.begin(), lines.end(),
                                        [](const QPointF& point) { return std::isnan(point.y()); });
        if (!screen || gaps > most_gaps || static_cast<double>(lines.size()) < dense * area.width())
            return QCPGraph::drawLinePlot(painter, lines);
        applyDefaultAntialiasingHint(painter);
        // A thin line covers whole pixels of the plot; of a wide one the ends of each column of the screen
        // are covered in part.
        const bool smooth = painter->antialiasing();
        const double ratio = smooth ? painter->device()->devicePixelRatioF() : 1;
        std::vector<PlotPoint> line;
        line.reserve(static_cast<std::size_t>(lines.size()));
        for (const QPointF& point : lines)
            line.push_back({point.x() * ratio, point.y() * ratio});
        const double half = ratio * pen.widthF() / 2;
        const double top = ratio * (area.top() - 2), bottom = ratio * (area.bottom() + 2);
        painter->save();
        painter->setAntialiasing(false); // the columns are whole pixels wide
        const auto fill = [&, painter](int x, double y, double height, const QColor& colour) {
            painter->fillRect(QRectF(x / ratio, y / ratio, 1 / ratio, height / ratio), colour);
        };
        std::array<QColor, shades + 1>
            colours; // a colour made for each end would take longer than to paint it
        for (std::size_t shade = 0; shade <= shades; ++shade) {
            colours[shade] = pen.color();
            colours[shade].setAlphaF(colours[shade].alphaF() * static_cast<float>(shade) / shades);
        }
        const auto fillPart = [&](int x, double y, double coverage) {
            const auto shade = static_cast<std::size_t>(shades * coverage + 0.5);
            if (shade > 0) fill(x, y, 1, colours[shade]);
        };
        for (const PixelColumn& column : pixelColumns(line, static_cast<int>(std::floor(ratio * area.left())),
                                                      static_cast<int>(std::ceil(ratio * area.right())))) {
            const double low = std::clamp(column.low - half, top, bottom);
            const double high = std::clamp(column.high + half, top, bottom);
            const double first = std::floor(low), last = std::floor(high);
            if (!smooth) {
                fill(column.x, std::round(low), std::max(1.0, std::round(high) - std::round(low)),
                     colours[shades]);
            } else if (first == last) {
                fillPart(column.x, first, high - low);
            } else {
                fillPart(column.x, first, first + 1 - low);
                if (last > first + 1) fill(column.x, first + 1, last - first - 1, colours[shades]);
                fillPart(column.x, last, high - last);
            }
        }
        painter->restore();
    }
};

} // namespace

QCPGraph* addBandGraph(QCustomPlot& plot) {
    return new BandGraph(plot.xAxis, plot.yAxis); // it enters itself into the plot's lists
}

} // namespace limbeck
