// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bar/plain_bar.h"

#include <QEvent>
#include <QPainter>

#include "widgets/style/palette.h"

namespace limbeck {

bool PlainBar::event(QEvent* event) {
    // The style's animation of a busy bar ends when nobody wants its next picture; else it would have this
    // one painted 60 times a second for ever, since the style never paints it again and sees that it is not
    // busy.
    if (event->type() == QEvent::StyleAnimationUpdate && !busy()) {
        event->ignore();
        return true;
    }
    return QProgressBar::event(event);
}

void PlainBar::paintEvent(QPaintEvent* event) {
    if (busy()) return QProgressBar::paintEvent(event); // moved by the style
    QPainter painter(this);
    const QRect frame = rect().adjusted(0, 0, -1, -1), inside = rect().adjusted(1, 1, -1, -1);
    const QColor text = palette().color(QPalette::Text);
    painter.fillRect(inside, palette().color(isEnabled() ? QPalette::Base : QPalette::Window));
    const double fraction = static_cast<double>(value() - minimum()) / (maximum() - minimum());
    QRect done = inside;
    done.setWidth(static_cast<int>(fraction * inside.width()));
    if (layoutDirection() == Qt::RightToLeft) done.moveRight(inside.right());
    // Half-way to the ground, so that the text is legible on both sides of the end.
    if (isEnabled())
        painter.fillRect(done, style::pale(palette().color(QPalette::Highlight), palette(), 0.4));
    painter.setPen(style::pale(text, palette(), 0.7));
    painter.drawRect(frame);
    if (!isTextVisible()) return;
    painter.setPen(text);
    painter.drawText(inside, Qt::AlignCenter, this->text());
}

} // namespace limbeck
