// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plot_header.h"

#include <algorithm>
#include <cmath>

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

double PlotHeader::weightOf(int position) {
    const double weight = 1 - std::pow(10.0, -3.0 * position / 100.0);
    // Two digits are all that one can tell apart; near one it is the distance to one that counts.
    const double unit = weight < 0.9 ? 100 : 1000;
    return std::clamp(std::round(weight * unit) / unit, 0.0, 0.999);
}

int PlotHeader::positionOf(double weight) {
    return static_cast<int>(std::lround(-100.0 / 3.0 * std::log10(1 - std::clamp(weight, 0.0, 0.999))));
}

PlotHeader::PlotHeader(const QString& title, QWidget* parent)
    : QWidget(parent)
    , title_(new QLabel(title, this))
    , quantity_(new QComboBox(this))
    , fit_(new QToolButton(this))
    , log_(new QCheckBox(tr("log"), this))
    , smooth_label_(new QLabel(tr("smooth"), this))
    , smooth_(new QSlider(Qt::Horizontal, this))
    , smooth_value_(new QLabel(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(style::grid);
    row->addWidget(title_);
    row->addWidget(quantity_);
    row->addStretch(1);
    row->addWidget(fit_);
    row->addWidget(log_);
    row->addSpacing(style::grid);
    row->addWidget(smooth_label_);
    row->addWidget(smooth_);
    row->addWidget(smooth_value_);

    title_->setTextFormat(Qt::PlainText);
    quantity_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    quantity_->setAccessibleName(tr("Quantity of %1").arg(title));
    quantity_->hide();
    connect(quantity_, &QComboBox::currentIndexChanged, this, [this](int index) {
        if (index >= 0) emit quantityChosen(index);
    });
    fit_->setText(tr("Fit"));
    fit_->setAutoRaise(true);
    fit_->setToolTip(tr("Show all data again (F, or double click in the plot)"));
    fit_->setAccessibleName(tr("Fit %1").arg(title));
    QSizePolicy policy = fit_->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    fit_->setSizePolicy(policy);
    fit_->hide();
    log_->setToolTip(tr("Logarithmic vertical axis; values of zero and less are left out"));
    log_->setAccessibleName(tr("Logarithmic axis of %1").arg(title));
    smooth_->setRange(0, 100);
    smooth_->setPageStep(10);
    smooth_->setFixedWidth(96);
    smooth_->setAccessibleName(tr("Smoothing of %1").arg(title));
    const QString smooth_tip =
        tr("Weight of the past in a moving average over the training points; 0 shows them as "
           "they are. The raw points stay visible, pale.");
    for (QWidget* widget : {static_cast<QWidget*>(smooth_label_), static_cast<QWidget*>(smooth_),
                            static_cast<QWidget*>(smooth_value_)})
        widget->setToolTip(smooth_tip);
    smooth_value_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    applyFonts();

    connect(fit_, &QToolButton::clicked, this, &PlotHeader::fitClicked);
    connect(log_, &QCheckBox::toggled, this, &PlotHeader::logToggled);
    connect(smooth_, &QSlider::valueChanged, this, [this](int position) {
        smooth_value_->setText(format::setting(weightOf(position)));
        emit smoothingMoved(weightOf(position));
    });
}

void PlotHeader::applyFonts() {
    QFont bold = font();
    bold.setBold(true);
    title_->setFont(bold);
    const QFont numbers = style::tabular(font());
    smooth_value_->setFont(numbers);
    smooth_value_->setFixedWidth(QFontMetrics(numbers).horizontalAdvance(QStringLiteral("0.999")) + 2);
}

void PlotHeader::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) applyFonts();
}

void PlotHeader::setFitVisible(bool visible) {
    // A control that has the focus and vanishes would throw it somewhere else.
    if (!visible && fit_->hasFocus()) parentWidget()->setFocus();
    fit_->setVisible(visible);
}

void PlotHeader::setLogVisible(bool visible) {
    log_->setVisible(visible);
}

void PlotHeader::setSmoothVisible(bool visible) {
    for (QWidget* widget : {static_cast<QWidget*>(smooth_label_), static_cast<QWidget*>(smooth_),
                            static_cast<QWidget*>(smooth_value_)})
        widget->setVisible(visible);
}

void PlotHeader::setQuantities(const QStringList& names, const QString& tooltip) {
    QStringList now;
    for (int i = 0; i < quantity_->count(); ++i)
        now << quantity_->itemText(i);
    quantity_->setToolTip(tooltip);
    if (now == names) return;
    const QString chosen = quantity_->currentText();
    {
        const QSignalBlocker quiet(quantity_);
        quantity_->clear();
        quantity_->addItems(names);
        quantity_->setCurrentIndex(static_cast<int>(std::max<qsizetype>(0, names.indexOf(chosen))));
    }
    quantity_->setVisible(names.size() > 1);
    if (!chosen.isEmpty() && quantity_->currentText() != chosen)
        emit quantityChosen(quantity_->currentIndex());
}

void PlotHeader::setQuantity(int index) {
    quantity_->setCurrentIndex(index);
}

int PlotHeader::quantity() const {
    return std::max(0, quantity_->currentIndex());
}

void PlotHeader::setLog(bool on) {
    const QSignalBlocker quiet(log_);
    log_->setChecked(on);
}

void PlotHeader::setSmoothing(double weight) {
    const QSignalBlocker quiet(smooth_);
    smooth_->setValue(positionOf(weight));
    smooth_value_->setText(format::setting(weight));
}

} // namespace limbeck
