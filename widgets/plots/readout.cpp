// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/readout.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

#include "widgets/style/format.h"

namespace limbeck {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("limbeck::Readout", text);
}

QString number(double value, PlotUnit unit) {
    if (std::isnan(value)) return tr("not a number");
    if (std::isinf(value)) return tr("infinite");
    return unit == PlotUnit::percent ? format::percent(value) : format::loss(value);
}

Readout::Cell cellOf(const Series& series, double step, PlotUnit unit, bool smoothed) {
    const SeriesStore& store = series.store;
    if (series.spec.role == SeriesRole::flat) return {number(store.point(store.size() - 1).y, unit), false};
    const auto index = store.atOrBefore(step);
    if (!index) return {};
    const double y = smoothed ? store.smoothed(*index) : store.point(*index).y;
    return {number(y, unit), store.point(*index).x != step};
}

} // namespace

QString Readout::text() const {
    QStringList lines{title};
    for (const Row& row : rows) {
        QStringList parts{row.label};
        for (int i = 0; i < row.cells.size(); ++i) {
            if (row.cells[i].text.isEmpty()) continue;
            parts.append(columns[i].isEmpty() ? row.cells[i].text
                                              : columns[i] + QLatin1Char(' ') + row.cells[i].text);
        }
        lines.append(parts.join(QStringLiteral("  ")));
    }
    return lines.join(QLatin1Char('\n'));
}

Readout readoutAt(const PlotModel& model, double step, PlotUnit unit, const QString& x_label,
                  const QPalette& palette) {
    Readout readout;
    readout.step = step;
    readout.title = x_label + QLatin1Char(' ') + format::thousands(std::llround(step));

    std::vector<const Series*> shown;
    bool smoothing = false, several_runs = false;
    for (const auto& each : model.series()) {
        if (each->store.empty() || !model.isVisible(*each)) continue;
        shown.push_back(each.get());
        smoothing = smoothing || each->store.smoothing() > 0;
        several_runs = several_runs || each->spec.run != shown.front()->spec.run;
    }
    QStringList details;
    for (const Series* each : shown)
        if (!each->spec.detail.isEmpty() && !details.contains(each->spec.detail))
            details.append(each->spec.detail);
    const QString smooth_head = tr("smoothed");
    for (const QString& detail : details) {
        readout.columns.append(detail);
        const bool raw = std::any_of(shown.begin(), shown.end(), [&](const Series* each) {
            return each->spec.detail == detail && each->store.smoothing() > 0;
        });
        if (raw) readout.columns.append(smooth_head);
    }
    if (details.isEmpty()) {
        readout.columns.append(QString());
        if (smoothing) readout.columns.append(smooth_head);
    }

    QVector<RunId> row_runs;
    for (const Series* each : shown) {
        const bool flat = each->spec.role == SeriesRole::flat;
        if (flat && std::any_of(shown.begin(), shown.end(), [&](const Series* other) {
                return other->spec.role == SeriesRole::flat && other->spec.label == each->spec.label &&
                       model.isCurrent(other->spec.run) && !model.isCurrent(each->spec.run) &&
                       other->store.point(other->store.size() - 1).y ==
                           each->store.point(each->store.size() - 1).y;
            }))
            continue; // the same teacher under every run
        const QString name = several_runs && !flat ? model.runName(each->spec.run) : QString();
        const QString label =
            name.isEmpty() ? each->spec.label : each->spec.label + QStringLiteral(" · ") + name;
        int row = 0;
        while (row < readout.rows.size() &&
               (readout.rows[row].label != label || row_runs[row] != each->spec.run))
            ++row;
        if (row == readout.rows.size()) {
            readout.rows.append(
                {lookOf(*each, model, palette), label, QVector<Readout::Cell>(readout.columns.size())});
            row_runs.append(each->spec.run);
        } else if (each->spec.role != SeriesRole::raw) {
            readout.rows[row].look = lookOf(*each, model, palette);
        }
        const auto column = std::max<qsizetype>(0, readout.columns.indexOf(each->spec.detail));
        const bool unplaced = each->spec.detail.isEmpty() && !details.isEmpty();
        const auto target = unplaced ? readout.columns.size() - 1 : column;
        readout.rows[row].cells[target] = cellOf(*each, step, unit, false);
        if (each->store.smoothing() > 0 && target + 1 < readout.columns.size())
            readout.rows[row].cells[target + 1] = cellOf(*each, step, unit, true);
    }
    return readout;
}

void paintReadout(QPainter& painter, const Readout& readout, QPointF anchor, const QRectF& area,
                  const QPalette& palette, const QFont& font) {
    const QFont numbers = style::tabular(font);
    QFont bold = font;
    bold.setBold(true);
    const QFontMetricsF metrics(font), number_metrics(numbers);
    const double line = std::ceil(metrics.height() * 1.15), sample = 22, gap = 12, pad = 8;

    double label_width = QFontMetricsF(bold).horizontalAdvance(readout.title) - sample;
    QVector<double> widths;
    for (const auto& head : readout.columns)
        widths.append(metrics.horizontalAdvance(head));
    for (const auto& row : readout.rows) {
        label_width = std::max(label_width, metrics.horizontalAdvance(row.label));
        for (int i = 0; i < row.cells.size(); ++i)
            widths[i] = std::max(widths[i], number_metrics.horizontalAdvance(row.cells[i].text));
    }
    double width = 2 * pad + sample + 6 + label_width;
    for (const double each : widths)
        width += gap + each;
    // Of many runs as many rows as there is room for, the first ones first, and how many are left out.
    const auto room =
        std::max<qsizetype>(2, static_cast<qsizetype>((area.height() - 2 * pad - 4) / line) - 1);
    const bool cut = readout.rows.size() > room;
    const qsizetype shown = cut ? room - 1 : readout.rows.size();
    const double height = 2 * pad + line * static_cast<double>(1 + shown + (cut ? 1 : 0));

    QRectF box(anchor.x() + 14, anchor.y() + 14, width, height);
    if (box.right() > area.right()) box.moveRight(anchor.x() - 14);
    if (box.bottom() > area.bottom()) box.moveBottom(area.bottom() - 2);
    box.moveLeft(std::max(box.left(), area.left() + 2));
    box.moveTop(std::max(box.top(), area.top() + 2));

    const QColor base = palette.color(QPalette::Active, QPalette::Base);
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    const QColor muted = style::mutedText(palette);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor fill = base;
    fill.setAlphaF(0.94F);
    painter.setPen(QPen(style::pale(text, palette, 0.65), 1));
    painter.setBrush(fill);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);

    const double left = box.left() + pad, columns_left = left + sample + 6 + label_width;
    double y = box.top() + pad;
    painter.setFont(bold);
    painter.setPen(text);
    painter.drawText(QRectF(left, y, columns_left - left, line), Qt::AlignLeft | Qt::AlignVCenter,
                     readout.title);
    painter.setFont(font);
    painter.setPen(muted);
    double x = columns_left;
    for (int i = 0; i < readout.columns.size(); ++i) {
        x += gap;
        painter.drawText(QRectF(x, y, widths[i], line), Qt::AlignRight | Qt::AlignVCenter,
                         readout.columns[i]);
        x += widths[i];
    }
    for (qsizetype index = 0; index < shown; ++index) {
        const Readout::Row& row = readout.rows[index];
        y += line;
        paintSample(painter, QRectF(left, y, sample, line), row.look, base);
        painter.setFont(font);
        painter.setPen(text);
        painter.drawText(QRectF(left + sample + 6, y, label_width, line), Qt::AlignLeft | Qt::AlignVCenter,
                         row.label);
        painter.setFont(numbers);
        x = columns_left;
        for (int i = 0; i < row.cells.size(); ++i) {
            x += gap;
            painter.setPen(row.cells[i].earlier ? muted : text);
            painter.drawText(QRectF(x, y, widths[i], line), Qt::AlignRight | Qt::AlignVCenter,
                             row.cells[i].text);
            x += widths[i];
        }
    }
    if (cut) {
        painter.setFont(font);
        painter.setPen(muted);
        painter.drawText(QRectF(left + sample + 6, y + line, label_width, line),
                         Qt::AlignLeft | Qt::AlignVCenter, tr("… %1 more").arg(readout.rows.size() - shown));
    }
}

} // namespace limbeck
