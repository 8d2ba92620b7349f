// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/phase_bands.h"

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>

#include <qcustomplot.h>

namespace limbeck {

class PhaseBands::Layer : public QCPLayerable {
  public:
    explicit Layer(QCustomPlot& plot) : QCPLayerable(&plot, QStringLiteral("background")) {}

    QVector<PhaseBand> bands;
    QColor band = Qt::lightGray, edge = Qt::gray, text = Qt::black;
    QFont font;

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
            painter->fillRect(QRectF(left, area.top(), right - left, area.height()), band);
            painter->setPen(QPen(edge, 1, Qt::DotLine));
            painter->drawLine(QLineF(right, area.top(), right, area.bottom()));
            // In rows from the middle down: marks have the top or the bottom edge.
            const QRectF place(left + 4, area.center().y() + row++ * (metrics.height() + 2),
                               area.right() - left - 8, metrics.height());
            painter->setPen(text);
            painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                              metrics.elidedText(each.label, Qt::ElideRight, place.width()));
        }
    }
};

PhaseBands::PhaseBands(QCustomPlot& plot) : layer_(new Layer(plot)) {}

void PhaseBands::setBands(const QVector<PhaseBand>& bands) {
    layer_->bands = bands;
}

void PhaseBands::setColours(const QColor& band, const QColor& edge, const QColor& text, const QFont& font) {
    layer_->band = band;
    layer_->edge = edge;
    layer_->text = text;
    layer_->font = font;
}

} // namespace limbeck
