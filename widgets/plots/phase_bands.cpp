// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/phase_bands.h"

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include <qcustomplot.h>

namespace limbeck {

class PhaseBands::Layer : public QCPLayerable {
  public:
    Layer(QCustomPlot& plot, bool labels)
        : QCPLayerable(&plot, labels ? QStringLiteral("axes") : QStringLiteral("background"))
        , labels_(labels) {}

    QVector<PhaseBand> bands;
    QColor band = Qt::lightGray, edge = Qt::gray, text = Qt::black;
    QFont font;

  private:
    const bool labels_; ///< above the grid, which would strike them through

  protected:
    QRect clipRect() const override { return mParentPlot->axisRect()->rect(); }

    void applyDefaultAntialiasingHint(QCPPainter* painter) const override { painter->setAntialiasing(false); }

    void draw(QCPPainter* painter) override {
        const QRectF area = mParentPlot->axisRect()->rect();
        painter->setFont(font);
        const QFontMetricsF metrics(font);
        int row = 0;
        for (const PhaseBand& each : bands) {
            const double left =
                std::max(std::round(mParentPlot->xAxis->coordToPixel(each.first)), area.left());
            const double right =
                std::min(std::round(mParentPlot->xAxis->coordToPixel(each.last)), area.right());
            if (right <= left) continue;
            if (!labels_) {
                painter->fillRect(QRectF(left, area.top(), right - left, area.height()), band);
                painter->setPen(QPen(edge, 1, Qt::DotLine));
                painter->drawLine(QLineF(right, area.top(), right, area.bottom()));
                continue;
            }
            // In rows from the middle down: marks have the top or the bottom edge.
            const QRectF place(left + 4, area.center().y() + row++ * (metrics.height() + 2),
                               area.right() - left - 8, metrics.height());
            const QString words = metrics.elidedText(each.label, Qt::ElideRight, place.width());
            painter->fillRect(
                QRectF(place.left() - 2, place.top(), metrics.horizontalAdvance(words) + 4, place.height()),
                band);
            painter->setPen(text);
            painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter, words);
        }
    }
};

PhaseBands::PhaseBands(QCustomPlot& plot) : layers_{new Layer(plot, false), new Layer(plot, true)} {}

void PhaseBands::setBands(const QVector<PhaseBand>& bands) {
    for (Layer* layer : layers_)
        layer->bands = bands;
}

void PhaseBands::setColours(const QColor& band, const QColor& edge, const QColor& text, const QFont& font) {
    for (Layer* layer : layers_) {
        layer->band = band;
        layer->edge = edge;
        layer->text = text;
        layer->font = font;
    }
}

} // namespace limbeck
