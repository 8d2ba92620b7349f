// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/legend_bar.h"

#include <QFrame>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/plots/flow_layout.h"

namespace limbeck {
namespace {

constexpr int sample_width = 24, pad = 4, gap = 6;

} // namespace

LegendButton::LegendButton(QWidget* parent) : QAbstractButton(parent) {
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setToolTip(tr("Click or press Space to show or hide; Ctrl+click shows this alone"));
}

void LegendButton::setLook(const CurveLook& look) {
    if (look == look_) return;
    look_ = look;
    update();
}

QSize LegendButton::sizeHint() const {
    const QFontMetrics metrics = fontMetrics();
    return {2 * pad + sample_width + gap + metrics.horizontalAdvance(text()), metrics.height() + 4};
}

void LegendButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor ink = palette().color(QPalette::Active, QPalette::WindowText);
    if (underMouse() || isDown()) {
        QColor hover = ink;
        hover.setAlphaF(isDown() ? 0.14F : 0.08F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(hover);
        painter.drawRoundedRect(rect(), 4, 4);
    }
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Active, QPalette::Highlight), 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
    CurveLook look = look_;
    QColor text = ink;
    QFont written = font();
    if (!isChecked()) {
        look.line = style::pale(look.line, palette(), 0.65);
        if (look.outline) look.outline = style::pale(*look.outline, palette(), 0.65);
        text = style::mutedText(palette());
        written.setStrikeOut(true);
    }
    paintSample(painter, QRectF(pad, 0, sample_width, height()), look,
                palette().color(QPalette::Active, QPalette::Base));
    painter.setFont(written);
    painter.setPen(text);
    painter.drawText(rect().adjusted(pad + sample_width + gap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     this->text());
}

void LegendButton::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && event->modifiers() & Qt::ControlModifier &&
        hitButton(event->pos())) {
        setDown(false);
        emit soloRequested();
        return;
    }
    QAbstractButton::mouseReleaseEvent(event);
}

bool LegendButton::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave) update();
    return QAbstractButton::event(event);
}

LegendBar::LegendBar(QWidget* parent) : QWidget(parent), separator_(new QFrame(this)) {
    auto* flow = new FlowLayout(this, 8, 0);
    static_cast<QFrame*>(separator_)->setFrameStyle(QFrame::VLine | QFrame::Plain);
    separator_->setForegroundRole(QPalette::Mid);
    separator_->hide();
    flow->addWidget(separator_);
    setAccessibleName(tr("Legend"));
}

LegendButton* LegendBar::makeButton(bool run) {
    auto* button = new LegendButton(this);
    connect(button, &QAbstractButton::toggled, this, [this, button, run](bool on) {
        const QString key = button->property("key").toString();
        run ? emit runToggled(key, on) : emit labelToggled(key, on);
    });
    connect(button, &LegendButton::soloRequested, this, [this, button, run] {
        const QString key = button->property("key").toString();
        run ? emit runSolo(key) : emit labelSolo(key);
    });
    return button;
}

void LegendBar::show(QVector<LegendButton*>& buttons, const QVector<Entry>& entries, bool runs) {
    while (buttons.size() > entries.size())
        delete buttons.takeLast();
    while (buttons.size() < entries.size()) {
        LegendButton* button = makeButton(runs);
        buttons.append(button);
        layout()->addWidget(button);
        button->show();
    }
    for (int i = 0; i < entries.size(); ++i) {
        const QSignalBlocker quiet(buttons[i]);
        if (buttons[i]->text() != entries[i].text) {
            // "&" in a run's name is no mnemonic, and the text is drawn as it is.
            buttons[i]->setText(entries[i].text);
            buttons[i]->setAccessibleName(entries[i].text);
            buttons[i]->updateGeometry();
        }
        buttons[i]->setProperty("key", entries[i].key);
        buttons[i]->setLook(entries[i].look);
        if (buttons[i]->isChecked() != entries[i].on) {
            buttons[i]->setChecked(entries[i].on);
            buttons[i]->update();
        }
    }
}

void LegendBar::setEntries(const QVector<Entry>& labels, const QVector<Entry>& runs) {
    const auto old_labels = labels_.size(), old_runs = runs_.size();
    show(labels_, labels, false);
    show(runs_, runs, true);
    if (old_labels == labels_.size() && old_runs == runs_.size()) return;
    // Labels, separator, runs: the order in the layout is the order on the screen and of Tab.
    QVector<QWidget*> order;
    for (auto* button : labels_)
        order.append(button);
    order.append(separator_);
    for (auto* button : runs_)
        order.append(button);
    separator_->setFixedHeight(fontMetrics().height());
    separator_->setVisible(!labels_.isEmpty() && !runs_.isEmpty());
    for (QWidget* widget : order)
        layout()->removeWidget(widget);
    for (int i = 0; i < order.size(); ++i) {
        layout()->addWidget(order[i]);
        if (i > 0) QWidget::setTabOrder(order[i - 1], order[i]);
    }
    updateGeometry();
}

} // namespace limbeck
