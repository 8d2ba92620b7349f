// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/slider_editor.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>
#include <cmath>

#include "backend/types/numbers.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/quiet_wheel.h"
#include "widgets/forms/simple_editors.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr int positions = 1000;

} // namespace

SliderEditor::SliderEditor(const Field& field, Range range, QWidget* parent)
    : FieldEditor(field, parent)
    , range_(range)
    , slider_(new QuietWheel<QSlider>(this))
    , spin_(makeSpin(field, this))
    , mark_(new InvalidMark(spin_)) {
    slider_->setOrientation(Qt::Horizontal);
    slider_->setRange(0, positions);
    slider_->setSingleStep(positions / 100);
    slider_->setPageStep(positions / 10);
    slider_->setMinimumWidth(48);
    slider_->setAccessibleName(form::label(field));
    slider_->setToolTip(form::tooltip(field));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(style::grid);
    layout->addWidget(slider_, 1);
    layout->addWidget(spin_);
    setTarget(spin_);
    connect(slider_, &QSlider::valueChanged, this, [this](int position) {
        spin_->setReal(valueAt(position));
        emit edited();
    });
    connect(slider_, &QSlider::sliderReleased, this, &FieldEditor::committed);
    connect(spin_, &NumberSpin::edited, this, [this] {
        placeSlider();
        emit edited();
    });
    connect(spin_, &NumberSpin::committed, this, &FieldEditor::committed);
}

void SliderEditor::readFrom(const ExperimentConfig& config) {
    readNumber(*spin_, field(), config);
    placeSlider();
}

Result<void> SliderEditor::writeTo(ExperimentConfig& config) const {
    return writeNumber(*spin_, field(), config);
}

void SliderEditor::setReason(const QString& reason) {
    mark_->set(!reason.isEmpty());
    spin_->setToolTip(tooltipWithReason(field(), reason));
}

bool SliderEditor::isDragging() const {
    return slider_->isSliderDown();
}

double SliderEditor::valueAt(int position) const {
    const double share = static_cast<double>(position) / positions;
    if (range_.scale == Scale::linear)
        return parse_real(
                   rounded_text(
                       std::round((range_.minimum + share * (range_.maximum - range_.minimum)) * 100) / 100,
                       6))
            .value_or(range_.minimum);
    // Two digits are as fine as a hand can put it, and nobody wants a temperature of 4.0417.
    const double value = range_.minimum * std::pow(range_.maximum / range_.minimum, share);
    return parse_real(rounded_text(value, 2)).value_or(value);
}

int SliderEditor::positionOf(double value) const {
    const double held = std::clamp(value, range_.minimum, range_.maximum);
    const double share = range_.scale == Scale::linear
                             ? (held - range_.minimum) / (range_.maximum - range_.minimum)
                             : std::log(held / range_.minimum) / std::log(range_.maximum / range_.minimum);
    return static_cast<int>(std::lround(share * positions));
}

void SliderEditor::placeSlider() {
    const auto value = spin_->real();
    if (!value) return;
    const QSignalBlocker quiet(slider_);
    slider_->setValue(positionOf(*value));
}

} // namespace limbeck
