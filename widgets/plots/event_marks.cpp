// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/event_marks.h"

#include <cmath>
#include <limits>

#include <QFontMetricsF>

#include <qcustomplot.h>

namespace limbeck {

QVector<int> placeLabels(const QVector<double>& lefts, const QVector<double>& widths, int rows) {
    constexpr double space = 4;
    QVector<double> ends(rows, -std::numeric_limits<double>::infinity());
    QVector<int> result;
    for (int i = 0; i < lefts.size(); ++i) {
        int row = 0;
        while (row < rows && ends[row] + space > lefts[i])
            ++row;
        result.append(row < rows ? row : -1);
        if (row < rows) ends[row] = lefts[i] + widths[i];
    }
    return result;
}

class EventMarks::Layer : public QCPLayerable {
  public:
    Layer(QCustomPlot& plot, PlotUnit unit)
        : QCPLayerable(&plot, QStringLiteral("axes")), at_bottom(unit == PlotUnit::percent) {}

    struct Placed {
        EventMark mark;
        double x = 0;
        QRectF label; ///< null: no room for it
    };

    QVector<Placed> placed() const {
        const QRectF area = mParentPlot->axisRect()->rect();
        const QFontMetricsF metrics(font);
        const double height = metrics.height() + 2;
        QVector<Placed> result;
        QVector<double> lefts, widths;
        for (const EventMark& mark : marks) {
            const double x = mParentPlot->xAxis->coordToPixel(mark.x);
            if (x < area.left() || x > area.right()) continue;
            const double width = metrics.horizontalAdvance(mark.label) + 8;
            const bool left_side = x + width > area.right();
            result.append({mark, x, {}});
            lefts.append(left_side ? x - width : x);
            widths.append(width);
        }
        const int rows = std::max(1, std::min(3, static_cast<int>(area.height() / (2 * height))));
        const QVector<int> row = placeLabels(lefts, widths, rows);
        for (int i = 0; i < result.size(); ++i) {
            if (row[i] < 0 || result[i].mark.label.isEmpty()) continue;
            const double offset = 2 + row[i] * (height + 1);
            const double top = at_bottom ? area.bottom() - offset - height : area.top() + offset - 1;
            result[i].label = QRectF(lefts[i], top, widths[i], height);
        }
        return result;
    }

    const bool at_bottom;
    QVector<EventMark> marks;
    QColor line = Qt::darkGray, text = Qt::black, base = Qt::white;
    QFont font;

  protected:
    QRect clipRect() const override { return mParentPlot->axisRect()->rect(); }

    void applyDefaultAntialiasingHint(QCPPainter* painter) const override { painter->setAntialiasing(false); }

    void draw(QCPPainter* painter) override {
        if (marks.isEmpty()) return;
        const QRectF area = mParentPlot->axisRect()->rect();
        const QVector<Placed> all = placed();
        painter->setPen(QPen(line, 1, Qt::DashLine));
        for (const Placed& each : all) {
            const double x = std::round(each.x);
            painter->drawLine(QLineF(x, area.top(), x, area.bottom()));
        }
        painter->setFont(font);
        for (const Placed& each : all) {
            if (each.label.isNull()) continue;
            painter->setPen(QPen(line, 1));
            painter->setBrush(base);
            painter->drawRect(each.label);
            painter->setPen(text);
            painter->drawText(each.label, Qt::AlignCenter, each.mark.label);
        }
    }
};

EventMarks::EventMarks(QCustomPlot& plot, PlotUnit unit) : layer_(new Layer(plot, unit)) {}

void EventMarks::setMarks(const QVector<EventMark>& marks) {
    layer_->marks = marks;
}

void EventMarks::setColours(const QColor& line, const QColor& text, const QColor& base, const QFont& font) {
    layer_->line = line;
    layer_->text = text;
    layer_->base = base;
    layer_->font = font;
}

std::optional<EventMark> EventMarks::at(QPointF position) const {
    constexpr double reach = 4; // pixels
    const QVector<Layer::Placed> all = layer_->placed();
    for (const auto& each : all)
        if (each.label.contains(position)) return each.mark;
    const Layer::Placed* best = nullptr;
    for (const auto& each : all) {
        if (std::abs(each.x - position.x()) > reach) continue;
        if (!best || std::abs(each.x - position.x()) < std::abs(best->x - position.x())) best = &each;
    }
    return best ? std::optional(best->mark) : std::nullopt;
}

} // namespace limbeck
