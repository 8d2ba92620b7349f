// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/band_graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <qcustomplot.h>

#include "widgets/plots/pixel_canvas.h"
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
        const QPen pen = painter->pen();
        const auto gaps = std::count_if(lines.begin(), lines.end(),
                                        [](const QPointF& point) { return std::isnan(point.y()); });
        std::optional<PixelCanvas> canvas;
        if (pen.style() == Qt::SolidLine && gaps <= most_gaps &&
            static_cast<double>(lines.size()) >= dense * clipRect().width())
            canvas = PixelCanvas::of(*painter);
        if (!canvas) return QCPGraph::drawLinePlot(painter, lines);

        applyDefaultAntialiasingHint(painter);
        std::vector<PlotPoint> line;
        line.reserve(static_cast<std::size_t>(lines.size()));
        for (const QPointF& point : lines)
            line.push_back({point.x() * canvas->ratio() + canvas->origin().x(),
                            point.y() * canvas->ratio() + canvas->origin().y()});
        const auto columns = pixelColumns(line, canvas->clip().left(), canvas->clip().right());
        if (painter->antialiasing())
            fillSmooth(*canvas, columns, pen, canvas->ratio() * pen.widthF() / 2);
        else
            fillWhole(*canvas, columns, pen, canvas->ratio() * pen.widthF() / 2);
    }

  private:
    /// A thin line covers whole pixels.
    static void fillWhole(const PixelCanvas& canvas, const std::vector<PixelColumn>& columns, const QPen& pen,
                          double half) {
        std::vector<PixelCanvas::Column> whole;
        whole.reserve(columns.size());
        for (const PixelColumn& column : columns) {
            const int top = row(canvas, std::round(column.low - half));
            whole.push_back({column.x, top, std::max(top + 1, row(canvas, std::round(column.high + half)))});
        }
        canvas.fill(whole, PixelCanvas::ink(pen.color()));
    }

    /// Of a wide one the ends of each column are covered in part.
    static void fillSmooth(const PixelCanvas& canvas, const std::vector<PixelColumn>& columns,
                           const QPen& pen, double half) {
        std::array<PixelCanvas::Ink, shades + 1> inks;
        for (std::size_t shade = 0; shade <= shades; ++shade)
            inks[shade] = PixelCanvas::ink(pen.color(), static_cast<double>(shade) / shades);
        const auto end = [&](int x, int y, double coverage) {
            const double part = std::clamp(coverage, 0.0, 1.0);
            canvas.fill({x, y, y + 1}, inks[static_cast<std::size_t>(shades * part + 0.5)]);
        };
        std::vector<PixelCanvas::Column> whole;
        whole.reserve(columns.size());
        for (const PixelColumn& column : columns) {
            const double low = column.low - half, high = column.high + half;
            const int first = row(canvas, std::floor(low)), last = row(canvas, std::floor(high));
            end(column.x, first, first == last ? high - low : first + 1 - low);
            if (first == last) continue;
            whole.push_back({column.x, first + 1, last});
            end(column.x, last, high - last);
        }
        canvas.fill(whole, inks[shades]);
    }

    /// As a whole number; what lies far outside of the picture just outside of it.
    static int row(const PixelCanvas& canvas, double y) {
        return static_cast<int>(std::clamp(y, canvas.clip().top() - 2.0, canvas.clip().bottom() + 2.0));
    }
};

} // namespace

QCPGraph* addBandGraph(QCustomPlot& plot) {
    return new BandGraph(plot.xAxis, plot.yAxis); // it enters itself into the plot's lists
}

} // namespace limbeck
