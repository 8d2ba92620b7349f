// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/invalid_mark.h"

#include <QEvent>
#include <QPainter>

#include "widgets/style/palette.h"

namespace limbeck {

InvalidMark::InvalidMark(QWidget* control) : QWidget(control) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    hide();
    resize(control->size());
    control->installEventFilter(this);
}

bool InvalidMark::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parent() && event->type() == QEvent::Resize) resize(parentWidget()->size());
    if (watched == parent() && event->type() == QEvent::ChildAdded) raise();
    return QWidget::eventFilter(watched, event);
}

void InvalidMark::paintEvent(QPaintEvent*) {
    const QColor red = style::errorColour(palette());
    QColor tint = red;
    tint.setAlpha(36);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(red, 2));
    painter.setBrush(tint);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 2, 2);
}

} // namespace limbeck
