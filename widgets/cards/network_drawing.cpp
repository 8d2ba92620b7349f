// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/cards/network_drawing.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStringList>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr double gap = 10, margin = 12, least = 14;

/// Height of a picture and width of its channels; a vector is one high.
double tallness(const std::vector<std::int64_t>& shape) {
    return std::log2(1.0 + static_cast<double>(shape.size() == 3 ? shape[1] : 1));
}

double wideness(const std::vector<std::int64_t>& shape) {
    return std::log2(1.0 + static_cast<double>(shape.empty() ? 1 : shape[0]));
}

} // namespace

QString shapeText(const std::vector<std::int64_t>& shape) {
    QStringList numbers;
    for (const std::int64_t size : shape)
        numbers << QString::number(size);
    return numbers.join(QChar(0x00D7));
}

NetworkDrawing::NetworkDrawing(QWidget* parent) : QWidget(parent) {
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

NetworkDrawing::Kind NetworkDrawing::kindOf(const QString& words) {
    if (words.contains(QLatin1String("conv"))) return Kind::convolution;
    if (words.startsWith(QLatin1String("linear"))) return Kind::linear;
    return Kind::other;
}

void NetworkDrawing::setLayers(const std::vector<std::int64_t>& input,
                               const std::vector<LayerFacts>& layers) {
    blocks_.clear();
    blocks_.push_back({Kind::input, tr("input"), input, 1, 0, tr("Input %1").arg(shapeText(input))});
    for (const LayerFacts& layer : layers) {
        const Kind kind = kindOf(layer.kind);
        if (kind == Kind::other && layer.output == blocks_.back().shape) continue; // batch norm, activation
        Block& last = blocks_.back();
        const QString words =
            tr("%1 (%2) → %3, %4 parameters")
                .arg(layer.name, layer.kind, shapeText(layer.output), format::thousands(layer.parameters));
        if (last.kind == kind && last.title == layer.kind && last.shape == layer.output) {
            ++last.count;
            last.parameters += layer.parameters;
            if (last.count <= 12) last.tooltip += QLatin1Char('\n') + words;
        } else {
            blocks_.push_back({kind, layer.kind, layer.output, 1, layer.parameters, words});
        }
    }
    updateGeometry();
    update();
}

QSize NetworkDrawing::sizeHint() const {
    double width = 2 * margin;
    for (const Block& block : blocks_)
        width += least + 4 * wideness(block.shape) + gap;
    return {static_cast<int>(std::max(width, 320.0)), 220};
}

QSize NetworkDrawing::minimumSizeHint() const {
    return sizeHint();
}

std::vector<NetworkDrawing::Placed> NetworkDrawing::place() const {
    std::vector<Placed> placed;
    double tallest = 1;
    for (const Block& block : blocks_)
        tallest = std::max(tallest, tallness(block.shape));
    const double room = height() - 2 * margin - 2.5 * fontMetrics().height();
    const double extra = std::max(0.0, width() - static_cast<double>(sizeHint().width()));
    double x = margin + extra / 2;
    for (const Block& block : blocks_) {
        const double wide = least + 4 * wideness(block.shape);
        const double tall = std::max(least, room * tallness(block.shape) / tallest);
        placed.push_back({QRectF(x, margin + (room - tall) / 2, wide, tall), &block});
        x += wide + gap;
    }
    return placed;
}

void NetworkDrawing::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor text = palette().color(QPalette::Text), line = style::pale(text, palette(), 0.4);
    const auto colour = [&](Kind kind) {
        switch (kind) {
        case Kind::convolution:
            return style::colour(style::Meaning::teacher, palette());
        case Kind::linear:
            return style::colour(style::Meaning::student, palette());
        case Kind::other:
            return style::colour(style::Meaning::hard, palette());
        case Kind::input:
            break;
        }
        return style::mutedText(palette());
    };
    QFont small = font();
    small.setPointSizeF(0.85 * small.pointSizeF());
    painter.setFont(small);
    const QFontMetricsF metrics(small);
    const std::vector<Placed> all = place();
    const double baseline = height() - margin - metrics.height();
    double free = 0; // labels of neighbours must not run into each other: one that finds no room is left out
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& [box, block] = all[i];
        if (i > 0) {
            painter.setPen(QPen(line, 1.25));
            painter.drawLine(QPointF(all[i - 1].box.right(), box.center().y()),
                             QPointF(box.left(), box.center().y()));
        }
        painter.setPen(QPen(colour(block->kind), 1.25));
        painter.setBrush(style::pale(colour(block->kind), palette(), 0.7));
        painter.drawRoundedRect(box, 3, 3);
        painter.setPen(text);
        if (block->count > 1) painter.drawText(box, Qt::AlignCenter, QStringLiteral("×%1").arg(block->count));
        const bool changed = i == 0 || i + 1 == all.size() || block->shape != all[i - 1].block->shape;
        const QString words = shapeText(block->shape);
        const double half = metrics.horizontalAdvance(words) / 2;
        const double left = std::min(std::max(box.center().x() - half, 2.0), width() - 2 * half - 2);
        if (!changed || left < free) continue;
        painter.drawText(QPointF(left, baseline + metrics.ascent()), words);
        free = left + 2 * half + 8;
    }
}

bool NetworkDrawing::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const auto& [box, block] : place()) {
        if (!box.adjusted(-gap / 2, -gap, gap / 2, gap).contains(help->pos())) continue;
        QToolTip::showText(help->globalPos(), block->tooltip, this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

} // namespace limbeck
