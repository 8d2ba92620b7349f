// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/forms/field_editor.h"

class QSlider;

namespace limbeck {

class InvalidMark;
class NumberSpin;

/// A slider for the usual values beside a spin box for all of them. Beyond the slider's range its
/// knob rests at the end while the spin box tells the number.
class SliderEditor : public FieldEditor {
    Q_OBJECT

  public:
    enum class Scale { linear, logarithmic };

    struct Range {
        double minimum, maximum;
        Scale scale;
    };

    SliderEditor(const Field& field, Range range, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;
    bool isDragging() const override;

  private:
    double valueAt(int position) const;
    int positionOf(double value) const;
    void placeSlider();

    Range range_;
    QSlider* slider_;
    NumberSpin* spin_;
    InvalidMark* mark_;
};

} // namespace limbeck
