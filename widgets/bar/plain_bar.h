// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProgressBar>

namespace limbeck {

/// A progress bar that is painted in microseconds. Qt's own style hatches its bar with lines, each of which
/// wakes threads of the painting engine: while a network is trained on all cores, a bar that moves would hold
/// it up more than the plots do.
class PlainBar : public QProgressBar {
  public:
    using QProgressBar::QProgressBar;

  protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

  private:
    bool busy() const { return maximum() <= minimum(); }
};

} // namespace limbeck
