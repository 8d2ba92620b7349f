// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>
#include <QWidget>

#include "widgets/style/palette.h"

namespace limbeck {

/// A thin horizontal line in the quiet colour of separators, light or dark.
class Rule : public QWidget {
  public:
    explicit Rule(QWidget* parent = nullptr) : QWidget(parent) { setFixedHeight(1); }

  protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), style::gridColour(palette())); }
};

} // namespace limbeck
