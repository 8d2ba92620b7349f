// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/curve_look.h"

#include <array>

#include <QPainter>
#include <QPolygonF>

namespace limbeck {
namespace {

// Dashes tell overlaid runs apart also where their tints look alike.
const QVector<qreal>& runDashes(int index) {
    static const std::array<QVector<qreal>, 4> patterns{QVector<qreal>{9, 4}, QVector<qreal>{4, 3},
                                                        QVector<qreal>{12, 4, 3, 4}, QVector<qreal>{18, 5}};
    return patterns[static_cast<std::size_t>(index) % patterns.size()];
}

QVector<qreal> dashesOf(Qt::PenStyle style) {
    switch (style) {
    case Qt::DashLine:
        return {7, 4};
    case Qt::DotLine:
        return {2.5, 3.5};
    case Qt::DashDotLine:
        return {8, 3, 2.5, 3};
    case Qt::DashDotDotLine:
        return {8, 3, 2.5, 3, 2.5, 3};
    default:
        return {};
    }
}

constexpr double overlay_pale = 0.35;
constexpr double training_pale = 0.25;
constexpr double trace_pale = 0.70;

} // namespace

QPen CurveLook::solidPen() const {
    return QPen(line, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
}

QPen CurveLook::pen() const {
    QPen pen = solidPen();
    if (dashes.isEmpty()) return pen;
    QVector<qreal> widths; // a pen counts its dashes in its own width
    for (const qreal each : dashes)
        widths.append(each / width);
    pen.setDashPattern(widths);
    return pen;
}

QPen CurveLook::outlinePen() const {
    const double rim = width >= 1.5 ? width + 2 : width + 1.25;
    return QPen(outline.value_or(line), rim, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
}

CurveLook lookOf(const Series& series, const PlotModel& model, const QPalette& palette) {
    const SeriesSpec& spec = series.spec;
    const bool overlaid = !model.isCurrent(spec.run);
    const bool raw = spec.role == SeriesRole::raw;
    CurveLook look;
    const QColor full = spec.colour.value_or(style::colour(spec.meaning, palette));
    // Training is thin and pale, validation full; a run that is laid under another is lighter in both.
    const double fade = (overlaid ? overlay_pale : 0) + (raw ? training_pale : 0);
    look.line = style::pale(full, palette, fade);
    look.trace = style::pale(full, palette, overlaid ? 0.82 : trace_pale);
    if (spec.outline) look.outline = style::pale(style::colour(*spec.outline, palette), palette, fade);
    look.dashes = dashesOf(
        spec.line.value_or(spec.role == SeriesRole::flat ? Qt::DashLine : style::lineStyle(spec.meaning)));
    if (overlaid && spec.role != SeriesRole::flat) look.dashes = runDashes(model.overlayIndex(spec.run));
    look.width = raw ? 0.75 * spec.width : spec.width;
    look.marker = spec.role == SeriesRole::flat ? style::Marker::none : style::marker(spec.meaning);
    if (spec.marker) look.marker = *spec.marker;
    return look;
}

CurveLook lookOfLabel(const QString& label, const PlotModel& model, const QPalette& palette) {
    const Series* best = nullptr;
    const auto rank = [&](const Series& series) {
        return (model.isCurrent(series.spec.run) ? 2 : 0) + (series.spec.role == SeriesRole::raw ? 0 : 1);
    };
    for (const auto& each : model.series())
        if (each->spec.label == label && (!best || rank(*each) > rank(*best))) best = each.get();
    if (!best) return {};
    CurveLook look = lookOf(*best, model, palette);
    if (best->spec.role == SeriesRole::raw)
        look.line = best->spec.colour.value_or(style::colour(best->spec.meaning, palette));
    return look;
}

CurveLook lookOfRun(RunId run, const PlotModel& model, const QPalette& palette) {
    CurveLook look;
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    look.line = text;
    if (!model.isCurrent(run)) {
        look.line = style::pale(text, palette, overlay_pale);
        look.dashes = runDashes(model.overlayIndex(run));
    }
    return look;
}

void paintMarker(QPainter& painter, QPointF at, double size, style::Marker marker, const QColor& line,
                 const QColor& fill) {
    if (marker == style::Marker::none) return;
    const double r = size / 2;
    painter.setPen(QPen(line, 1.5));
    painter.setBrush(fill);
    switch (marker) {
    case style::Marker::none:
        break;
    case style::Marker::circle:
        painter.drawEllipse(at, r, r);
        break;
    case style::Marker::square:
        painter.drawRect(QRectF(at.x() - 0.9 * r, at.y() - 0.9 * r, 1.8 * r, 1.8 * r));
        break;
    case style::Marker::diamond:
        painter.drawPolygon(QPolygonF({at + QPointF(0, -1.2 * r), at + QPointF(1.2 * r, 0),
                                       at + QPointF(0, 1.2 * r), at + QPointF(-1.2 * r, 0)}));
        break;
    case style::Marker::triangle:
        painter.drawPolygon(QPolygonF(
            {at + QPointF(0, -1.15 * r), at + QPointF(1.1 * r, 0.8 * r), at + QPointF(-1.1 * r, 0.8 * r)}));
        break;
    case style::Marker::cross:
        painter.drawLine(at + QPointF(-r, -r), at + QPointF(r, r));
        painter.drawLine(at + QPointF(-r, r), at + QPointF(r, -r));
        break;
    case style::Marker::plus:
        painter.drawLine(at + QPointF(-1.1 * r, 0), at + QPointF(1.1 * r, 0));
        painter.drawLine(at + QPointF(0, -1.1 * r), at + QPointF(0, 1.1 * r));
        break;
    }
}

void paintSample(QPainter& painter, const QRectF& rect, const CurveLook& look, const QColor& base) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QLineF line(rect.left(), rect.center().y(), rect.right(), rect.center().y());
    if (look.outline) {
        painter.setPen(look.outlinePen());
        painter.drawLine(line);
    }
    painter.setPen(look.pen());
    painter.drawLine(line);
    paintMarker(painter, rect.center(), 6, look.marker, look.line, base);
    painter.restore();
}

} // namespace limbeck
