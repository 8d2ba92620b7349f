// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bar/message_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

#include <algorithm>
#include <initializer_list>

#include "widgets/style/palette.h"

namespace limbeck {

namespace {

QColor severityColour(Severity severity, const QPalette& palette) {
    switch (severity) {
    case Severity::error:
        return style::errorColour(palette);
    case Severity::warning:
        return style::warningColour(palette);
    case Severity::information:
        break;
    }
    return palette.color(QPalette::Highlight);
}

QStyle::StandardPixmap severityIcon(Severity severity) {
    switch (severity) {
    case Severity::error:
        return QStyle::SP_MessageBoxCritical;
    case Severity::warning:
        return QStyle::SP_MessageBoxWarning;
    case Severity::information:
        break;
    }
    return QStyle::SP_MessageBoxInformation;
}

QToolButton* flatButton(QWidget* parent, const QString& name) {
    auto* button = new QToolButton(parent);
    button->setAutoRaise(true);
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

} // namespace

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent)
    , icon_(new QLabel(this))
    , text_(new QLabel(this))
    , position_(new QLabel(this))
    , previous_(flatButton(this, tr("Previous message")))
    , next_(flatButton(this, tr("Next message")))
    , close_(flatButton(this, tr("Close this message")))
    , action_(new QPushButton(this))
    , second_(new QPushButton(this))
    , details_(flatButton(this, tr("Show the long text")))
    , detail_text_(new QPlainTextEdit(this)) {
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::PlainText);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text_->setMinimumWidth(200);
    previous_->setArrowType(Qt::LeftArrow);
    next_->setArrowType(Qt::RightArrow);
    close_->setIcon(style()->standardIcon(QStyle::SP_TitleBarCloseButton));
    details_->setText(tr("Details"));
    details_->setCheckable(true);
    action_->setObjectName("messageAction");
    action_->setAutoDefault(false);
    second_->setObjectName("messageSecondAction");
    second_->setAutoDefault(false);
    detail_text_->setReadOnly(true);
    detail_text_->setTabChangesFocus(true);
    detail_text_->setFixedHeight(6 * fontMetrics().lineSpacing() + style::grid);
    detail_text_->hide();

    auto* line = new QHBoxLayout;
    line->setSpacing(style::grid);
    line->addWidget(icon_, 0, Qt::AlignTop);
    line->addWidget(text_, 1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(style::grid / 2);
    for (QWidget* widget :
         std::initializer_list<QWidget*>{details_, action_, second_, previous_, position_, next_, close_})
        buttons->addWidget(widget, 0, Qt::AlignVCenter);
    line->addLayout(buttons);
    line->setAlignment(buttons, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(style::grid + style::grid / 2, style::grid, style::grid, style::grid);
    layout->addLayout(line);
    layout->addWidget(detail_text_);

    connect(close_, &QToolButton::clicked, this, &MessageBar::dismissCurrent);
    connect(details_, &QToolButton::toggled, detail_text_, &QWidget::setVisible);
    connect(previous_, &QToolButton::clicked, this, [this] {
        current_ = (current_ + messages_.size() - 1) % messages_.size();
        refresh();
    });
    connect(next_, &QToolButton::clicked, this, [this] {
        current_ = (current_ + 1) % messages_.size();
        refresh();
    });
    connect(action_, &QPushButton::clicked, this, [this] { press(&Message::action); });
    connect(second_, &QPushButton::clicked, this, [this] { press(&Message::second_action); });
    hide();
}

void MessageBar::press(std::function<void()> Message::*which) {
    if (messages_.empty()) return;
    // The action may post another message: take this one out first.
    const std::function<void()> action = messages_[current_].*which;
    if (!messages_[current_].lasting) removeAt(current_);
    if (action) action();
}

void MessageBar::post(Message message) {
    emit posted(message);
    const auto same = std::find_if(messages_.begin(), messages_.end(), [&](const Message& held) {
        return !message.key.isEmpty() && held.key == message.key;
    });
    if (same != messages_.end()) {
        current_ = static_cast<std::size_t>(same - messages_.begin());
        *same = std::move(message);
        refresh();
        return;
    }
    messages_.push_back(std::move(message));
    current_ = messages_.size() - 1;
    refresh();
    emit countChanged(count());
}

void MessageBar::dismiss(const QString& key) {
    for (std::size_t i = 0; i < messages_.size(); ++i)
        if (!key.isEmpty() && messages_[i].key == key) {
            removeAt(i);
            return;
        }
}

void MessageBar::dismissCurrent() {
    if (!messages_.empty() && !messages_[current_].lasting) removeAt(current_);
}

void MessageBar::clear() {
    if (messages_.empty()) return;
    messages_.clear();
    current_ = 0;
    refresh();
    emit countChanged(0);
}

const Message* MessageBar::current() const {
    return messages_.empty() ? nullptr : &messages_[current_];
}

void MessageBar::removeAt(std::size_t index) {
    messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(index));
    if (current_ > index || current_ == messages_.size()) current_ = current_ ? current_ - 1 : 0;
    refresh();
    emit countChanged(count());
}

void MessageBar::refresh() {
    if (messages_.empty()) {
        hide();
        return;
    }
    const Message& message = messages_[current_];
    const int size = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this) + 4;
    icon_->setPixmap(
        style()->standardIcon(severityIcon(message.severity)).pixmap(QSize(size, size), devicePixelRatioF()));
    text_->setText(message.text);
    setAccessibleName(message.text);
    action_->setText(message.action_text);
    action_->setVisible(!message.action_text.isEmpty());
    second_->setText(message.second_text);
    second_->setVisible(!message.second_text.isEmpty());
    close_->setVisible(!message.lasting);
    details_->setVisible(!message.detail.isEmpty());
    details_->setChecked(false);
    detail_text_->setPlainText(message.detail);
    const bool several = messages_.size() > 1;
    for (QWidget* widget : std::initializer_list<QWidget*>{previous_, position_, next_})
        widget->setVisible(several);
    position_->setText(tr("%1 of %2").arg(current_ + 1).arg(messages_.size()));
    show();
    update();
}

void MessageBar::paintEvent(QPaintEvent*) {
    const Message* message = current();
    if (!message) return;
    const QColor colour = severityColour(message->severity, palette());
    QPainter painter(this);
    painter.fillRect(rect(), style::pale(colour, palette(), 0.88));
    painter.fillRect(QRect(0, 0, 4, height()), colour);
    painter.fillRect(QRect(0, height() - 1, width(), 1), style::pale(colour, palette(), 0.5));
}

void MessageBar::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) update();
}

void MessageBar::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape)
        dismissCurrent();
    else
        QFrame::keyPressEvent(event);
}

} // namespace limbeck
