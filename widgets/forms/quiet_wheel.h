// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWheelEvent>

namespace limbeck {

/// A control that the wheel changes only when it has the focus, and that does not take the focus
/// from the wheel: who scrolls a form past its fields must not change them. `Control` is a
/// QComboBox, a QSlider, …
template <class Control>
class QuietWheel : public Control {
  public:
    explicit QuietWheel(QWidget* parent = nullptr) : Control(parent) {
        this->setFocusPolicy(Qt::StrongFocus);
    }

  protected:
    void wheelEvent(QWheelEvent* event) override {
        if (this->hasFocus())
            Control::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace limbeck
