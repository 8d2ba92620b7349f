// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/style/palette.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontDatabase>
#include <QFontMetricsF>

namespace limbeck::style {
namespace {

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& colour) {
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
           0.0722 * linear(colour.blueF());
}

QColor mix(const QColor& a, const QColor& b, double amount) {
    const double t = std::clamp(amount, 0.0, 1.0);
    const auto channel = [t](double x, double y) { return static_cast<float>(x + (y - x) * t); };
    return QColor::fromRgbF(channel(a.redF(), b.redF()), channel(a.greenF(), b.greenF()),
                            channel(a.blueF(), b.blueF()));
}

QPalette makePalette(const QColor& window, const QColor& base, const QColor& text, const QColor& button,
                     const QColor& highlight) {
    QPalette palette(text, button, mix(button, Qt::white, 0.2), mix(button, Qt::black, 0.5),
                     mix(button, Qt::black, 0.25), text, Qt::white, base, window);
    palette.setColor(QPalette::Highlight, highlight);
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::AlternateBase, mix(base, text, 0.04));
    palette.setColor(QPalette::ToolTipBase, base);
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::PlaceholderText, mix(text, base, 0.4));
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, mix(text, window, 0.55));
    return palette;
}

} // namespace

Meaning meaning(Role role) {
    switch (role) {
    case Role::teacher:
        return Meaning::teacher;
    case Role::baseline:
        return Meaning::student_alone;
    case Role::assistant:
        return Meaning::assistant;
    case Role::student:
        break;
    }
    return Meaning::student;
}

QString label(Meaning meaning) {
    const char* text = "";
    switch (meaning) {
    case Meaning::teacher:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Teacher");
        break;
    case Meaning::assistant:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Assistant");
        break;
    case Meaning::student:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Student");
        break;
    case Meaning::student_alone:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Student alone");
        break;
    case Meaning::hard:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Labels");
        break;
    case Meaning::soft:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Teacher's answers");
        break;
    case Meaning::total:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Total");
        break;
    case Meaning::term_a:
    case Meaning::term_b:
    case Meaning::term_c:
        text = QT_TRANSLATE_NOOP("limbeck::style", "Further term");
        break;
    }
    return QCoreApplication::translate("limbeck::style", text);
}

QColor colour(Meaning meaning, const QPalette& palette) {
    switch (meaning) {
    case Meaning::teacher:
        return readable(QColor(0x00, 0x72, 0xB2), palette);
    case Meaning::assistant:
        return readable(QColor(0x56, 0xB4, 0xE9), palette);
    case Meaning::student:
        return readable(QColor(0xD5, 0x5E, 0x00), palette);
    case Meaning::student_alone:
        return readable(QColor(0x7F, 0x7F, 0x7F), palette);
    case Meaning::hard:
        return readable(QColor(0x00, 0x9E, 0x73), palette);
    case Meaning::soft:
        return readable(QColor(0xCC, 0x79, 0xA7), palette);
    case Meaning::term_a:
        return readable(QColor(0xE6, 0x9F, 0x00), palette);
    case Meaning::term_b:
        return readable(QColor(0x56, 0xB4, 0xE9), palette);
    case Meaning::term_c:
        return readable(QColor(0xF0, 0xE4, 0x42), palette);
    case Meaning::total:
        break;
    }
    return palette.color(QPalette::Active, QPalette::Text);
}

Qt::PenStyle lineStyle(Meaning meaning) {
    switch (meaning) {
    case Meaning::teacher:
        return Qt::DashLine;
    case Meaning::student_alone:
        return Qt::DotLine;
    case Meaning::assistant:
        return Qt::DashDotDotLine;
    case Meaning::term_b:
        return Qt::DashDotLine;
    case Meaning::term_c:
        return Qt::DashLine;
    default:
        return Qt::SolidLine;
    }
}

Marker marker(Meaning meaning) {
    switch (meaning) {
    case Meaning::teacher:
        return Marker::square;
    case Meaning::assistant:
        return Marker::cross;
    case Meaning::student:
        return Marker::circle;
    case Meaning::student_alone:
        return Marker::plus;
    case Meaning::hard:
        return Marker::diamond;
    case Meaning::soft:
        return Marker::triangle;
    case Meaning::term_a:
        return Marker::square;
    case Meaning::term_b:
        return Marker::plus;
    case Meaning::term_c:
        return Marker::cross;
    case Meaning::total:
        return Marker::circle;
    }
    return Marker::none;
}

bool isDark(const QPalette& palette) {
    return luminance(palette.color(QPalette::Active, QPalette::Base)) <
           luminance(palette.color(QPalette::Active, QPalette::Text));
}

QColor pale(const QColor& colour, const QPalette& palette, double amount) {
    return mix(colour, palette.color(QPalette::Active, QPalette::Base), amount);
}

QColor readable(const QColor& colour, const QPalette& palette, double ratio) {
    const QColor base = palette.color(QPalette::Active, QPalette::Base);
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    // The published colours are made for white: there they are left as they are, also where one (the soft
    // term's pink) stays a little under the ratio.
    const double wanted = isDark(palette) ? std::max(ratio, 4.0) : std::min(ratio, 2.5);
    QColor result = colour;
    for (double amount = 0; amount <= 1.0 && contrast(result, base) < wanted; amount += 0.05)
        result = mix(colour, text, amount);
    return result;
}

double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

QColor errorColour(const QPalette& palette) {
    return isDark(palette) ? QColor(0xFF, 0x8A, 0x80) : QColor(0xB3, 0x1B, 0x1B);
}

QColor warningColour(const QPalette& palette) {
    return isDark(palette) ? QColor(0xE6, 0x9F, 0x00) : QColor(0x8A, 0x5A, 0x00);
}

QColor mutedText(const QPalette& palette) {
    const QColor base = palette.color(QPalette::Active, QPalette::Base);
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    for (double amount = 0.4; amount > 0; amount -= 0.05) {
        const QColor candidate = mix(text, base, amount);
        if (contrast(candidate, base) >= 4.5) return candidate;
    }
    return text;
}

QColor gridColour(const QPalette& palette) {
    return pale(palette.color(QPalette::Active, QPalette::Text), palette, isDark(palette) ? 0.82 : 0.88);
}

QPalette lightPalette() {
    return makePalette(QColor(0xEF, 0xF0, 0xF1), Qt::white, QColor(0x20, 0x22, 0x24),
                       QColor(0xEF, 0xF0, 0xF1), QColor(0x00, 0x72, 0xB2));
}

QPalette darkPalette() {
    return makePalette(QColor(0x2A, 0x2C, 0x30), QColor(0x1E, 0x20, 0x23), QColor(0xE6, 0xE6, 0xE6),
                       QColor(0x35, 0x38, 0x3D), QColor(0x2F, 0x7F, 0xB8));
}

QFont tabular(const QFont& font) {
    const QFontMetricsF metrics(font);
    const double width = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - width) < 0.01) continue;
        QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        if (font.pointSizeF() > 0)
            fixed.setPointSizeF(font.pointSizeF());
        else
            fixed.setPixelSize(font.pixelSize());
        fixed.setWeight(font.weight());
        return fixed;
    }
    return font;
}

} // namespace limbeck::style
