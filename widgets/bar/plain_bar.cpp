// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bar/plain_bar.h"

#include <QPainter>

#include "widgets/style/palette.h"

namespace limbeck {

void PlainBar::paintEvent(QPaintEvent* event) {
    // Busy: moved by the style, which learns that it is over when it paints a bar that is not. Else it would
    // have this one painted anew 25 times a second for ever.
    const bool busy = maximum() <= minimum();
    if (busy || was_busy_) QProgressBar::paintEvent(event);
    was_busy_ = busy;
    if (busy) return;
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
