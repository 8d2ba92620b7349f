// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractSpinBox>

#include <cstdint>
#include <optional>

namespace limbeck {

/// A spin box that lets one type anything and says what is wrong with it, where QSpinBox would
/// silently refuse the key or put the old number back. Whole numbers have all 64 bits, real ones
/// are shown in their shortest exact form, with a point in every locale.
class NumberSpin : public QAbstractSpinBox {
    Q_OBJECT

  public:
    enum class Kind { whole, real };

    NumberSpin(Kind kind, double minimum, double maximum, QWidget* parent = nullptr);

    /// Another range, for a spin box that serves one option after the other. The text stays.
    void setRange(Kind kind, double minimum, double maximum);

    /// A word shown instead of 0, and understood when typed: where 0 stands for something.
    void setZeroText(const QString& text);

    /// Rewrites the text only if it says another number.
    void setWhole(std::int64_t value);
    void setReal(double value);

    /// Nothing while the text is not a number; out of the range is still a number.
    std::optional<std::int64_t> whole() const;
    std::optional<double> real() const;

    /// "a whole number from 1 to 65536": for reasons.
    QString expected() const;
    /// "found “0,5”; a number from 0 to 1, written with a point is right.": what is typed is not right.
    QString wrong() const;

    double minimum() const { return minimum_; }

    double maximum() const { return maximum_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    void stepBy(int steps) override;

  signals:
    void edited();    ///< by hand, each keystroke or step
    void committed(); ///< Enter, or the focus went

  protected:
    StepEnabled stepEnabled() const override;
    QValidator::State validate(QString& text, int& position) const override;
    void wheelEvent(QWheelEvent* event) override;

  private:
    Kind kind_;
    double minimum_, maximum_;
    QString zero_text_;
};

/// The shortest text that reads back as the same number, without an exponent where that is readable.
QString shownNumber(double value);

/// The next number above (or below, for negative `steps`) in a decimal ladder one digit finer than the
/// value itself: 4 → 4.1, 0.05 → 0.051.
double stepped(double value, int steps);

} // namespace limbeck
