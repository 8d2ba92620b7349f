// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/number_spin.h"

#include <QLineEdit>
#include <QStyle>
#include <QStyleOptionSpinBox>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include "backend/types/numbers.h"
#include "widgets/style/palette.h"

namespace limbeck {

QString shownNumber(double value) {
    const QString shortest = QString::fromStdString(number_text(value));
    if (!shortest.contains(QLatin1Char('e'))) return shortest;
    // "5e-04" is short, but 0.0005 is what people write; QString's C-locale text is exact here too.
    const QString plain = QString::number(value, 'f', QLocale::FloatingPointShortest);
    return plain.size() <= 8 ? plain : shortest;
}

double stepped(double value, int steps) {
    const int direction = steps < 0 ? -1 : 1;
    for (int i = 0; i < std::abs(steps); ++i) {
        double size = std::abs(value);
        // Going towards zero from 0.1 the step is that of 0.09, or the way back would be another.
        if (size > 0 && (value > 0) != (direction > 0)) size *= 0.999;
        const double step = size > 0 ? std::pow(10.0, std::floor(std::log10(size)) - 1) : 0.01;
        value = std::round(value / step + direction) * step;
        if (std::abs(value) < step / 2) value = 0;
    }
    // 0.1 + 0.01 must read 0.11, not 0.11000000000000001.
    return parse_real(rounded_text(value, 10)).value_or(value);
}

NumberSpin::NumberSpin(Kind kind, double minimum, double maximum, QWidget* parent)
    : QAbstractSpinBox(parent), kind_(kind), minimum_(minimum), maximum_(maximum) {
    setLocale(QLocale::c());
    setFocusPolicy(Qt::StrongFocus);
    setAlignment(Qt::AlignRight);
    setKeyboardTracking(false);
    setFont(style::tabular(font()));
    lineEdit()->setMaxLength(40);
    connect(lineEdit(), &QLineEdit::textEdited, this, &NumberSpin::edited);
    connect(this, &QAbstractSpinBox::editingFinished, this, &NumberSpin::committed);
}

void NumberSpin::setRange(Kind kind, double minimum, double maximum) {
    kind_ = kind;
    minimum_ = minimum;
    maximum_ = maximum;
    update();
}

void NumberSpin::setZeroText(const QString& text) {
    zero_text_ = text;
}

void NumberSpin::setWhole(std::int64_t value) {
    if (whole() == value) return;
    lineEdit()->setText(value == 0 && !zero_text_.isEmpty() ? zero_text_ : QString::number(value));
}

void NumberSpin::setReal(double value) {
    if (real() != value) lineEdit()->setText(shownNumber(value));
}

std::optional<std::int64_t> NumberSpin::whole() const {
    if (!zero_text_.isEmpty() && text().trimmed() == zero_text_) return 0;
    return parse_integer(text().trimmed().toStdString());
}

std::optional<double> NumberSpin::real() const {
    return parse_real(text().trimmed().toStdString());
}

QString NumberSpin::expected() const {
    const auto shown = [](double value) { return shownNumber(value); };
    const QString kind = kind_ == Kind::whole ? tr("a whole number") : tr("a number");
    return tr("%1 from %2 to %3").arg(kind, shown(minimum_), shown(maximum_));
}

QString NumberSpin::wrong() const {
    const QString found = text().trimmed();
    if (found.isEmpty()) return tr("is empty; %1 is right.").arg(expected());
    const QString hint = found.contains(QLatin1Char(',')) ? tr(", written with a point") : QString();
    return tr("found “%1”; %2%3 is right.").arg(found, expected(), hint);
}

QSize NumberSpin::sizeHint() const {
    ensurePolished();
    QStyleOptionSpinBox option;
    initStyleOption(&option);
    const QFontMetrics metrics(fontMetrics());
    const QSize text(metrics.horizontalAdvance(QStringLiteral("0.00000")) + 4,
                     lineEdit()->sizeHint().height());
    return style()->sizeFromContents(QStyle::CT_SpinBox, &option, text, this);
}

QSize NumberSpin::minimumSizeHint() const {
    return sizeHint();
}

void NumberSpin::stepBy(int steps) {
    if (kind_ == Kind::whole) {
        const std::int64_t now = whole().value_or(static_cast<std::int64_t>(minimum_));
        // Bounds may lie beyond what int64 holds (a seed has 64 bits): compare as double first.
        const double next = static_cast<double>(now) + steps;
        if (next < minimum_ || next > maximum_ || std::abs(next) >= 9.2e18)
            setWhole(static_cast<std::int64_t>(std::clamp(next, minimum_, std::min(maximum_, 9.2e18))));
        else
            setWhole(now + steps);
    } else {
        setReal(std::clamp(stepped(real().value_or(minimum_), steps), minimum_, maximum_));
    }
    selectAll();
    emit edited();
}

QAbstractSpinBox::StepEnabled NumberSpin::stepEnabled() const {
    const std::optional<double> value = real();
    if (!value) return StepUpEnabled | StepDownEnabled;
    StepEnabled enabled;
    if (*value < maximum_) enabled |= StepUpEnabled;
    if (*value > minimum_) enabled |= StepDownEnabled;
    return enabled;
}

QValidator::State NumberSpin::validate(QString&, int&) const {
    return QValidator::Acceptable; // the form says what is wrong; no key is swallowed
}

void NumberSpin::wheelEvent(QWheelEvent* event) {
    if (hasFocus())
        QAbstractSpinBox::wheelEvent(event);
    else
        event->ignore();
}

} // namespace limbeck
