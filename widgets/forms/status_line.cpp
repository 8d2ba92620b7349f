// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/status_line.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QStyle>

#include "widgets/style/palette.h"

namespace limbeck {

StatusLine::StatusLine(QWidget* parent) : QFrame(parent), icon_(new QLabel(this)), text_(new QLabel(this)) {
    constexpr int lines = 3;
    const int size = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    icon_->setFixedSize(size, size);
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::PlainText);
    text_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    text_->setFixedHeight(lines * text_->fontMetrics().lineSpacing() + 2);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(style::grid, style::grid, style::grid, style::grid);
    layout->setSpacing(style::grid);
    layout->addWidget(icon_, 0, Qt::AlignTop);
    layout->addWidget(text_, 1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    refresh();
}

void StatusLine::say(Mood mood, const QString& text) {
    if (mood == mood_ && text == text_->text()) return;
    mood_ = mood;
    text_->setText(text);
    setToolTip(mood == Mood::wrong
                   ? tr("<p>%1</p><p><small>Click to go to the field.</small></p>").arg(text.toHtmlEscaped())
                   : QString());
    refresh();
}

QString StatusLine::text() const {
    return text_->text();
}

void StatusLine::mouseReleaseEvent(QMouseEvent* event) {
    QFrame::mouseReleaseEvent(event);
    if (event->button() == Qt::LeftButton) emit clicked();
}

void StatusLine::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) refresh();
}

void StatusLine::refresh() {
    QPixmap pixmap;
    if (mood_ == Mood::wrong)
        pixmap =
            style()->standardIcon(QStyle::SP_MessageBoxWarning).pixmap(icon_->size(), devicePixelRatioF());
    else if (mood_ == Mood::locked)
        pixmap = style()
                     ->standardIcon(QStyle::SP_MessageBoxInformation)
                     .pixmap(icon_->size(), devicePixelRatioF());
    icon_->setPixmap(pixmap);
    setCursor(mood_ == Mood::wrong ? Qt::PointingHandCursor : Qt::ArrowCursor);
    QPalette own = palette();
    const QColor colour =
        mood_ == Mood::wrong ? style::readable(style::errorColour(own), own, 4.5) : style::mutedText(own);
    if (text_->palette().color(QPalette::Active, QPalette::WindowText) == colour) return;
    own.setColor(QPalette::WindowText, colour);
    text_->setPalette(own);
}

} // namespace limbeck
