// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/crosshair_overlay.h"

#include <cmath>

#include <QPainter>

namespace limbeck {

CrosshairOverlay::CrosshairOverlay(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
    setFocusPolicy(Qt::NoFocus);
}

void CrosshairOverlay::setCrosshair(const std::optional<Crosshair>& crosshair) {
    if (!crosshair && !crosshair_) return;
    crosshair_ = crosshair;
    update();
}

void CrosshairOverlay::setEmptyText(const QString& text, const QRectF& area) {
    if (text == empty_text_ && area == empty_area_) return;
    empty_text_ = text;
    empty_area_ = area;
    update();
}

void CrosshairOverlay::setFocusFrame(bool on) {
    if (on == focus_frame_) return;
    focus_frame_ = on;
    update();
}

void CrosshairOverlay::paintEvent(QPaintEvent*) {
    if (!crosshair_ && empty_text_.isEmpty() && !focus_frame_) return;
    QPainter painter(this);
    const QColor text = palette().color(QPalette::Active, QPalette::Text);
    if (focus_frame_) {
        painter.setPen(QPen(palette().color(QPalette::Active, QPalette::Highlight), 2));
        painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
    }
    if (!empty_text_.isEmpty()) {
        painter.setPen(style::mutedText(palette()));
        painter.drawText(empty_area_, Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    }
    if (!crosshair_) return;
    const double x = std::round(crosshair_->x) + 0.5;
    painter.setPen(QPen(style::pale(text, palette(), 0.35), 1));
    painter.drawLine(QPointF(x, crosshair_->area.top()), QPointF(x, crosshair_->area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.save();
    painter.setClipRect(crosshair_->area);
    for (const Dot& dot : crosshair_->dots) {
        painter.setPen(QPen(palette().color(QPalette::Active, QPalette::Base), 1));
        painter.setBrush(dot.look.line);
        painter.drawEllipse(dot.at, 3.5, 3.5);
    }
    painter.restore();
    paintReadout(painter, crosshair_->readout, crosshair_->anchor, QRectF(rect()), palette(), font());
}

} // namespace limbeck
