// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>
#include <Qt>

#include "backend/types/run.h"

/// What colours, lines and markers mean, the same everywhere in the window. Colours are Okabe and Ito's
/// ("Color universal design", 2008); each meaning has a marker of its own besides, so that colour is never
/// the only carrier.
namespace limbeck::style {

/// The last three are further terms of a loss, in the order in which they stand there.
enum class Meaning { teacher, assistant, student, student_alone, hard, soft, total, term_a, term_b, term_c };

enum class Marker { none, circle, square, triangle, diamond, cross, plus };

/// What the network of a run of this role stands for.
Meaning meaning(Role role);

/// "Teacher", "Assistant", "Student", "Student alone", "Labels", "Teacher's answers", "Total"
QString label(Meaning meaning);

/// The colour on the palette's base. `total` is the text colour; the others are lightened on a dark base
/// until they stand out by at least 4:1.
QColor colour(Meaning meaning, const QPalette& palette);
Qt::PenStyle lineStyle(Meaning meaning);
Marker marker(Meaning meaning);

/// True where the palette's base is darker than its text.
bool isDark(const QPalette& palette);
/// `colour` moved towards the palette's base: 0 leaves it as it is, 1 gives the base. Opaque, because
/// translucent pens make polylines several times as dear.
QColor pale(const QColor& colour, const QPalette& palette, double amount);
/// The same hue, moved just so far towards the text colour that it stands out from the base by `ratio`.
QColor readable(const QColor& colour, const QPalette& palette, double ratio = 3.0);
/// Contrast of two colours as WCAG 2.1 defines it, 1 … 21.
double contrast(const QColor& a, const QColor& b);

/// For errors and warnings on the palette's base.
QColor errorColour(const QPalette& palette);
QColor warningColour(const QPalette& palette);
/// For secondary text: between text and base, but never under 4.5:1.
QColor mutedText(const QPalette& palette);
/// For grid lines, frames and separators.
QColor gridColour(const QPalette& palette);

/// A light palette whatever the desktop's is: pictures that are exported go into documents on white.
QPalette lightPalette();
/// The dark one that tests and screenshots use.
QPalette darkPalette();

/// `font`, or where its digits differ in width the system's fixed-pitch font in the same size: numbers that
/// change must not jump, and columns of them must line up.
QFont tabular(const QFont& font);

/// The window's grid, in device-independent pixels.
inline constexpr int grid = 8;

} // namespace limbeck::style
