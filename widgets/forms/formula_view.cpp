// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/formula_view.h"

#include <QEvent>

#include "backend/types/catalogue.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

/// The colours of the plots are made for lines; as text they are moved towards the text colour until they
/// can be read (WCAG 2.1: 4.5:1).
QColor textColour(const QColor& colour, const QPalette& palette) {
    const QColor base = palette.color(QPalette::Base), text = palette.color(QPalette::Text);
    QColor result = colour;
    for (float share = 0; share <= 1 && style::contrast(result, base) < 4.5; share += 0.05F) {
        const auto mixed = [share](float from, float to) { return from + share * (to - from); };
        result = QColor::fromRgbF(mixed(colour.redF(), text.redF()), mixed(colour.greenF(), text.greenF()),
                                  mixed(colour.blueF(), text.blueF()));
    }
    return result;
}

} // namespace

FormulaView::FormulaView(QWidget* parent) : QLabel(parent) {
    setTextFormat(Qt::RichText);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setAlignment(Qt::AlignCenter);
    setWordWrap(true);
    setFrameShape(QFrame::StyledPanel);
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    setMargin(style::grid / 2);
    // Two lines always: a long formula wraps, and the form below must not jump when it does.
    setFixedHeight(2 * fontMetrics().lineSpacing() + 2 * style::grid + 2 * frameWidth());
    setToolTip(
        tr("<p>What training makes small: CE is the cross-entropy with the labels, the other term compares "
           "the student's answers with the teacher's at temperature T.</p>"));
}

void FormulaView::setDistillation(const DistillationConfig& distillation) {
    const QString plain = QString::fromStdString(formula_text(distillation));
    if (plain == plain_) return;
    plain_ = plain;
    setAccessibleName(plain);
    refresh();
}

void FormulaView::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) refresh();
}

void FormulaView::refresh() {
    // "loss = HARD + SOFT, T = 4": the signs between the terms are the only " + " and "," outside of a term's
    // own brackets ("MSE(s/T, t/T)" has a comma).
    const qsizetype first = plain_.indexOf(QLatin1String("= ")) + 2;
    const qsizetype plus = plain_.indexOf(QLatin1String(" + "), first);
    if (first < 2 || plus < 0) {
        setText(plain_.toHtmlEscaped());
        return;
    }
    qsizetype end = plain_.lastIndexOf(QLatin1String(", T = "));
    if (end < plus) end = plain_.size();
    const auto term = [this](style::Meaning meaning, const QString& words) {
        const QColor colour = textColour(style::colour(meaning, palette()), palette());
        return QStringLiteral("<span style='color:%1; white-space:nowrap'>%2</span>")
            .arg(colour.name(), words.toHtmlEscaped());
    };
    setText(plain_.left(first).toHtmlEscaped() + term(style::Meaning::hard, plain_.mid(first, plus - first)) +
            QStringLiteral(" + ") + term(style::Meaning::soft, plain_.mid(plus + 3, end - plus - 3)) +
            plain_.mid(end).toHtmlEscaped());
}

} // namespace limbeck
