// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QEvent>
#include <QLabel>

#include "widgets/style/palette.h"

namespace limbeck {

/// A label in the quieter text colour, also after the desktop turns from light to dark.
class MutedLabel : public QLabel {
  public:
    explicit MutedLabel(QWidget* parent = nullptr) : QLabel(parent) {
        setTextFormat(Qt::PlainText);
        mute();
    }

  protected:
    void changeEvent(QEvent* event) override {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::PaletteChange) mute();
    }

  private:
    void mute() {
        QPalette own = parentWidget() ? parentWidget()->palette() : palette();
        const QColor muted = style::mutedText(own);
        // Setting a palette sends another PaletteChange; only a real change may.
        if (palette().color(QPalette::Active, QPalette::WindowText) == muted) return;
        own.setColor(QPalette::Active, QPalette::WindowText, muted);
        own.setColor(QPalette::Inactive, QPalette::WindowText, muted);
        setPalette(own);
    }
};

} // namespace limbeck
