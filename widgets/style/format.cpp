// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/style/format.h"

#include <cmath>

#include <QLocale>

namespace limbeck::format {
namespace {

// One locale for the whole window, whose texts are English: "3,412" next to "1.234" must not mean two things.
const QLocale& locale() {
    static const QLocale english(QLocale::English, QLocale::UnitedStates);
    return english;
}

QString dash() {
    return QStringLiteral("–");
}

/// Digits after the point so that `value` has `significant` digits in all.
int decimals(double value, int significant) {
    if (value == 0) return significant - 1;
    return std::max(0, significant - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
}

QString scaled(double value, double unit, const char* name) {
    const double number = value / unit;
    const int digits = number < 9.995 ? (number < 0.0995 ? 2 : 1) : 0;
    QString text = QString::number(number, 'f', digits);
    if (number >= 1 && text.endsWith(QLatin1String(".0"))) text.chop(2);
    return text + QLatin1Char(' ') + QLatin1String(name);
}

} // namespace

QString percentNumber(double fraction) {
    return std::isfinite(fraction) ? QString::number(100.0 * fraction, 'f', 1) : dash();
}

QString percent(double fraction) {
    return std::isfinite(fraction) ? percentNumber(fraction) + QStringLiteral(" %") : dash();
}

QString loss(double value) {
    if (!std::isfinite(value)) return dash();
    const double size = std::abs(value);
    if (value != 0 && (size < 1e-4 || size >= 1e7)) return QString::number(value, 'e', 3);
    return locale().toString(value, 'f', decimals(value, 4));
}

QString thousands(std::int64_t value) {
    return locale().toString(static_cast<qlonglong>(value));
}

QString duration(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return dash();
    const auto whole = static_cast<qint64>(std::llround(seconds));
    const auto two = [](qint64 number) { return QStringLiteral("%1").arg(number, 2, 10, QLatin1Char('0')); };
    if (whole < 3600) return QStringLiteral("%1:%2").arg(whole / 60).arg(two(whole % 60));
    return QStringLiteral("%1:%2:%3").arg(whole / 3600).arg(two(whole / 60 % 60), two(whole % 60));
}

QString parameters(std::int64_t count) {
    const auto value = static_cast<double>(count);
    if (value < 1e3) return QString::number(count);
    if (value < 999.5e3) return scaled(value, 1e3, "k");
    if (value < 99.95e6) return QString::number(value / 1e6, 'f', 1) + QStringLiteral(" M");
    return scaled(value, 1e6, "M");
}

QString flops(std::int64_t count) {
    const auto value = static_cast<double>(count);
    if (value < 1e9) return scaled(value, 1e6, "MFLOP");
    return QString::number(value / 1e9, 'f', 1) + QStringLiteral(" GFLOP");
}

QString bytes(std::int64_t count) {
    const auto value = static_cast<double>(count);
    if (value < 1e3) return QStringLiteral("%1 B").arg(count);
    if (value < 999.5e3) return scaled(value, 1e3, "kB");
    if (value < 999.5e6) return QString::number(value / 1e6, 'f', 1) + QStringLiteral(" MB");
    return QString::number(value / 1e9, 'f', 1) + QStringLiteral(" GB");
}

QString latency(double milliseconds) {
    if (!std::isfinite(milliseconds) || milliseconds <= 0) return dash();
    if (milliseconds >= 999.5)
        return QString::number(milliseconds / 1e3, 'f', decimals(milliseconds / 1e3, 3)) +
               QStringLiteral(" s");
    return QString::number(milliseconds, 'f', std::min(decimals(milliseconds, 3), 4)) + QStringLiteral(" ms");
}

QString setting(double value) {
    return std::isfinite(value) ? QString::number(value, 'g', 6) : dash();
}

} // namespace limbeck::format
