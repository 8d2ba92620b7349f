// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace limbeck {

/// A red frame and tint over a control whose value will not do. Lies on top of it, so that neither
/// the control's size nor its platform style changes.
class InvalidMark : public QWidget {
    Q_OBJECT

  public:
    /// Becomes a child of the control and follows its size; hidden until set.
    explicit InvalidMark(QWidget* control);

    void set(bool invalid) { setVisible(invalid); }

    bool eventFilter(QObject* watched, QEvent* event) override;

  protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace limbeck
