// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <optional>

#include "backend/types/catalogue.h"

class QCheckBox;

namespace limbeck {

class InvalidMark;
class NumberSpin;

/// One option of an objective: a number or a switch. Serves one option after the other, so that a form may
/// keep it in its place.
class OptionControl : public QWidget {
    Q_OBJECT

  public:
    explicit OptionControl(QWidget* parent = nullptr);

    /// `name` is what it is called to those who do not see where it stands.
    void setOption(const OptionEntry& option, const QString& name);

    const OptionEntry& option() const { return option_; }

    /// Rewrites the text only if it says another number.
    void setValue(double value);
    /// Nothing while the text is not a number; out of the range is still a number.
    std::optional<double> value() const;

    /// Why the value will not do ("found …; … is right."); empty: it will.
    QString problem() const;
    /// Red where problem() says something, which is then in the tooltip too.
    void refreshMark();

    /// The spin box or the check box.
    QWidget* target() const;

  signals:
    void edited();    ///< by hand, each keystroke or step
    void committed(); ///< Enter, or the focus went

  private:
    OptionEntry option_{};
    NumberSpin* spin_;
    QCheckBox* box_;
    InvalidMark* mark_;
};

} // namespace limbeck
