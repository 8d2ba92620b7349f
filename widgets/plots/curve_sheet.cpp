// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/curve_sheet.h"

#include <cmath>

#include <QFontMetricsF>

#include <qcustomplot.h>

#include "widgets/plots/band_graph.h"
#include "widgets/plots/picture_plot.h"
#include "widgets/plots/plot_tickers.h"
#include "widgets/plots/polyline.h"

namespace limbeck {
namespace {

QCPScatterStyle::ScatterShape shapeOf(style::Marker marker) {
    switch (marker) {
    case style::Marker::none:
        return QCPScatterStyle::ssNone;
    case style::Marker::circle:
        return QCPScatterStyle::ssCircle;
    case style::Marker::square:
        return QCPScatterStyle::ssSquare;
    case style::Marker::triangle:
        return QCPScatterStyle::ssTriangle;
    case style::Marker::diamond:
        return QCPScatterStyle::ssDiamond;
    case style::Marker::cross:
        return QCPScatterStyle::ssCross;
    case style::Marker::plus:
        return QCPScatterStyle::ssPlus;
    }
    return QCPScatterStyle::ssNone;
}

void hide(QCPGraph* graph) {
    graph->setVisible(false);
    graph->data()->clear();
}

} // namespace

CurveSheet::CurveSheet(PlotUnit unit, QWidget* parent)
    : unit_(unit)
    , plot_(makePicturePlot(parent))
    , owned_(parent == nullptr)
    , marks_(*plot_, unit)
    , bands_(*plot_)
    , x_label_(new QCPItemText(plot_)) {
    plot_->setInteractions(QCP::Interactions());
    plot_->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
    plot_->setAutoAddPlottableToLegend(false);
    plot_->addLayer(QStringLiteral("traces"), plot_->layer(QStringLiteral("main")), QCustomPlot::limBelow);
    plot_->addLayer(QStringLiteral("overlaid"), plot_->layer(QStringLiteral("main")), QCustomPlot::limBelow);
    plot_->axisRect()->setAutoMargins(QCP::msAll);
    for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
        axis->setTickLength(0, 4);
        axis->setSubTickLength(0, 2);
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    plot_->xAxis->grid()->setVisible(false); // vertical lines are for marks
    x_label_->position->setType(QCPItemPosition::ptAxisRectRatio);
    x_label_->position->setCoords(1, 1);
    x_label_->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    x_label_->setPadding(QMargins(8, 0, 0, 0));
    x_label_->setClipToAxisRect(false);
    x_label_->setSelectable(false);
    setTickers();
}

CurveSheet::~CurveSheet() {
    if (owned_) delete plot_;
}

QWidget* CurveSheet::widget() const {
    return plot_;
}

void CurveSheet::setColours(const QPalette& palette, const QFont& font) {
    palette_ = palette;
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    const QColor muted = style::mutedText(palette), grid = style::gridColour(palette);
    const QFont numbers = style::tabular(font);
    plot_->setBackground(QBrush(palette.color(QPalette::Active, QPalette::Base)));
    for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
        axis->setBasePen(QPen(style::pale(text, palette, 0.55), 1));
        axis->setTickPen(QPen(style::pale(text, palette, 0.55), 1));
        axis->setSubTickPen(QPen(style::pale(text, palette, 0.7), 1));
        axis->setTickLabelColor(text);
        axis->setTickLabelFont(numbers);
        axis->setLabelColor(muted);
        axis->setLabelFont(font);
        axis->grid()->setPen(QPen(grid, 1));
    }
    // The same room for the numbers in every plot: two plots one above the other share their steps.
    const QFontMetricsF metrics(numbers);
    const double left = metrics.horizontalAdvance(QStringLiteral("0.0000")) + metrics.height() + 20;
    const double right = QFontMetricsF(font).horizontalAdvance(x_label_->text()) + 16;
    // Below: half of the axis label, which stands beside the axis also while there are no numbers.
    const auto below = static_cast<int>(metrics.height() / 2 + 4);
    plot_->axisRect()->setMinimumMargins(QMargins(static_cast<int>(left), 8, static_cast<int>(right), below));
    x_label_->setColor(muted);
    x_label_->setFont(font);
    QFont small = font;
    if (small.pointSizeF() > 0) small.setPointSizeF(0.9 * small.pointSizeF());
    marks_.setColours(style::pale(text, palette, 0.4), text, palette.color(QPalette::Active, QPalette::Base),
                      small);
    bands_.setColours(style::pale(text, palette, 0.93), style::pale(text, palette, 0.6), muted, small);
}

void CurveSheet::setLabels(const QString& x, const QString& y) {
    x_label_->setText(x);
    y_label_ = y;
    fitLabel();
    setColours(palette_, x_label_->font());
}

void CurveSheet::fitLabel() {
    // In a low plot the unit must remain: "(%)" of "agreement, accuracy (%)".
    const QFontMetrics metrics(plot_->yAxis->labelFont());
    const int room = area().height();
    QString text = y_label_;
    if (metrics.horizontalAdvance(text) > room) {
        const auto open = y_label_.lastIndexOf(QLatin1Char('('));
        text = open >= 0 ? y_label_.mid(open + 1).chopped(1)
                         : metrics.elidedText(y_label_, Qt::ElideRight, room);
    }
    if (plot_->yAxis->label() != text) plot_->yAxis->setLabel(text);
}

void CurveSheet::setEmpty(bool empty) {
    for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
        axis->setTicks(!empty);
        axis->setTickLabels(!empty);
        axis->grid()->setVisible(!empty && axis == plot_->yAxis);
    }
}

AxisRange CurveSheet::x() const {
    return {plot_->xAxis->range().lower, plot_->xAxis->range().upper};
}

AxisRange CurveSheet::y() const {
    return {plot_->yAxis->range().lower, plot_->yAxis->range().upper};
}

void CurveSheet::setX(const AxisRange& range) {
    plot_->xAxis->setRange(range.first, range.second);
}

void CurveSheet::setY(const AxisRange& range) {
    plot_->yAxis->setRange(range.first, range.second);
}

void CurveSheet::setLog(bool on) {
    log_ = on;
    plot_->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    setTickers();
}

void CurveSheet::prepare() {
    setTickers();
    fitLabel();
}

void CurveSheet::setTickers() {
    const QRect rect = area();
    const int columns = std::clamp(rect.width() / 100, 3, 10), rows = std::clamp(rect.height() / 40, 3, 8);
    plot_->xAxis->setTicker(stepTicker(columns));
    plot_->yAxis->setTicker(log_ ? logTicker(unit_, rows) : valueTicker(unit_, rows));
}

QRect CurveSheet::area() const {
    return plot_->axisRect()->rect();
}

double CurveSheet::xAt(double pixel) const {
    return plot_->xAxis->pixelToCoord(pixel);
}

double CurveSheet::yAt(double pixel) const {
    return plot_->yAxis->pixelToCoord(pixel);
}

double CurveSheet::pixelOfX(double x) const {
    return plot_->xAxis->coordToPixel(x);
}

double CurveSheet::pixelOfY(double y) const {
    return plot_->yAxis->coordToPixel(y);
}

CurveSheet::Graphs CurveSheet::makeGraphs() {
    Graphs graphs;
    for (QCPGraph** each : {&graphs.trace, &graphs.outline, &graphs.line, &graphs.markers}) {
        *each = addBandGraph(*plot_);
        (*each)->setAdaptiveSampling(false); // the envelope has done that, and better
        (*each)->setSelectable(QCP::stNone);
        (*each)->setVisible(false);
    }
    graphs.trace->setLayer(QStringLiteral("traces"));
    graphs.trace->setAntialiased(false);
    graphs.markers->setLineStyle(QCPGraph::lsNone);
    return graphs;
}

void CurveSheet::removeGraphs(const Graphs& graphs) {
    for (QCPGraph* each : {graphs.trace, graphs.outline, graphs.line, graphs.markers})
        plot_->removeGraph(each);
}

void CurveSheet::setLine(QCPGraph* graph, const std::vector<PlotPoint>& points, const QPen& pen,
                         bool smooth) {
    QVector<QCPGraphData> data;
    data.reserve(static_cast<int>(points.size()));
    for (const PlotPoint& point : points)
        data.append(QCPGraphData(point.x, point.y));
    graph->data()->set(data, true);
    graph->setPen(pen);
    graph->setAntialiased(smooth);
    graph->setVisible(true);
    drawn_points_ += static_cast<int>(points.size());
}

void CurveSheet::setMarkers(const Series& series, const CurveLook& look, Graphs& graphs) {
    const SeriesStore& store = series.store;
    const auto [x0, x1] = x();
    const bool each_counts = series.spec.role == SeriesRole::full;
    QVector<QCPGraphData> data;
    const auto take = [&](std::size_t index) {
        const double y = each_counts ? store.point(index).y : store.smoothed(index);
        if (std::isfinite(y) && (!log_ || y > 0)) data.append(QCPGraphData(store.point(index).x, y));
    };
    const std::size_t begin = store.lowerBound(x0), end = store.lowerBound(std::nextafter(x1, x1 + 1));
    if (end > begin && each_counts) {
        // Every 2^k-th, so that those that stand do not wander when more come.
        std::size_t stride = 1;
        while ((end - begin) / stride > static_cast<std::size_t>(std::max(1, area().width() / 12)))
            stride *= 2;
        for (std::size_t i = (begin + stride - 1) / stride * stride; i < end; i += stride)
            take(i);
    } else if (end > begin && end == store.size()) {
        take(end - 1); // of a training curve the newest point alone: "here it is"
    }
    if (data.isEmpty() || look.marker == style::Marker::none) return hide(graphs.markers);
    graphs.markers->data()->set(data, true);
    QCPScatterStyle scatter(shapeOf(look.marker), look.line, palette_.color(QPalette::Active, QPalette::Base),
                            6.5);
    scatter.setPen(QPen(look.line, 1.5));
    graphs.markers->setScatterStyle(scatter);
    graphs.markers->setVisible(true);
}

void CurveSheet::drawSeries(const Series& series, const CurveLook& look, bool current, Graphs& graphs,
                            double density, bool clip) {
    const auto [x0, x1] = x();
    const auto [y0, y1] = y();
    const int pixels = std::max(1, static_cast<int>(area().width() * density));
    const auto envelope = [&, x0 = x0, x1 = x1, y0 = y0, y1 = y1](SeriesStore::Trace trace, int columns) {
        std::vector<PlotPoint> points;
        if (series.spec.role == SeriesRole::flat) {
            const double y = series.store.point(series.store.size() - 1).y;
            points = {{x0, y}, {x1, y}};
        } else {
            series.store.envelope(x0, x1, columns, trace, points);
        }
        if (log_) dropNonPositive(points);
        return clip ? clipped(points, {x0, x1, y0, y1}, log_) : points;
    };

    QCPLayer* layer = plot_->layer(current ? QStringLiteral("main") : QStringLiteral("overlaid"));
    for (QCPGraph* each : {graphs.outline, graphs.line, graphs.markers})
        if (each->layer() != layer) each->setLayer(layer);

    // Under overlaid runs raw traces would only be fog.
    const bool smoothed = series.spec.role == SeriesRole::raw && series.store.smoothing() > 0;
    if (smoothed && current)
        setLine(graphs.trace, envelope(SeriesStore::Trace::raw, pixels), QPen(look.trace, 1.0), false);
    else
        hide(graphs.trace);

    const bool raw = series.spec.role == SeriesRole::raw && !smoothed;
    if (raw) { // noise: many pixels, none of them wide
        QPen pen = look.solidPen();
        pen.setWidthF(1.0);
        setLine(graphs.line, envelope(SeriesStore::Trace::raw, pixels), pen, false);
        hide(graphs.outline);
    } else {
        // Each segment of a wide smooth pen costs microseconds: none that cannot be seen.
        const PlotScale scale{area().width() / (x1 - x0),
                              area().height() / (log_ ? std::log10(y1 / y0) : y1 - y0), log_};
        auto line = envelope(SeriesStore::Trace::smoothed, std::max(1, pixels / 2));
        line = simplified(line, scale, 0.4 / density);
        if (!look.dashes.isEmpty())
            line = dashed(line, scale, std::vector<double>(look.dashes.begin(), look.dashes.end()));
        if (look.outline)
            setLine(graphs.outline, line, look.outlinePen(), true);
        else
            hide(graphs.outline);
        setLine(graphs.line, line, look.solidPen(), true);
    }
    setMarkers(series, look, graphs);
}

void CurveSheet::update(const PlotModel& model, double density, bool clip) {
    drawn_points_ = 0;
    for (auto at = graphs_.begin(); at != graphs_.end();) {
        if (model.find(at.key())) {
            ++at;
        } else {
            removeGraphs(*at);
            at = graphs_.erase(at);
        }
    }
    for (const auto& series : model.series()) {
        auto at = graphs_.find(series->id);
        if (at == graphs_.end()) at = graphs_.insert(series->id, makeGraphs());
        if (series->store.empty() || !model.isVisible(*series)) {
            for (QCPGraph* each : {at->trace, at->outline, at->line, at->markers})
                hide(each);
        } else {
            drawSeries(*series, lookOf(*series, model, palette_), model.isCurrent(series->spec.run), *at,
                       density, clip);
        }
    }
    marks_.setMarks(model.visibleMarks());
    bands_.setBands(model.bands.value(model.currentRun()));
}

} // namespace limbeck
