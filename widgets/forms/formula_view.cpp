// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/formula_view.h"

#include <QEvent>

#include <array>

#include "backend/types/catalogue.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

// Okabe and Ito's orange and sky blue: the two that no curve's meaning has.
constexpr std::array<QColor, 2> further_colours{QColor(0xE6, 0x9F, 0x00), QColor(0x56, 0xB4, 0xE9)};

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
    // Two lines at least: a long formula wraps, and the form below must not jump when it does. Only further
    // terms may take more.
    setMinimumHeight(2 * fontMetrics().lineSpacing() + 2 * style::grid + 2 * frameWidth());
    setToolTip(tr("<p>What training makes small: CE is the cross-entropy with the labels, the second term "
                  "compares the student's answers with the teacher's at temperature T, and further ones what "
                  "their names say.</p>"));
}

void FormulaView::setDistillation(const DistillationConfig& distillation) {
    const QString plain = QString::fromStdString(formula_text(distillation));
    if (plain == plain_) return;
    plain_ = plain;
    parts_ = formula_parts(distillation);
    setAccessibleName(plain);
    refresh();
}

void FormulaView::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) refresh();
}

void FormulaView::refresh() {
    QString html;
    int further = 0;
    for (const FormulaPart& part : parts_) {
        // Spaces that must not break stand inside the terms, those that may between them.
        const QString words = QString::fromStdString(part.text).toHtmlEscaped();
        if (part.kind == FormulaPart::Kind::sign) {
            html += words;
            continue;
        }
        QColor colour = further_colours[static_cast<std::size_t>(further) % further_colours.size()];
        if (part.kind == FormulaPart::Kind::hard) colour = style::colour(style::Meaning::hard, palette());
        if (part.kind == FormulaPart::Kind::soft) colour = style::colour(style::Meaning::soft, palette());
        if (part.kind == FormulaPart::Kind::term) ++further;
        html += QStringLiteral("<span style='color:%1; white-space:nowrap'>%2</span>")
                    .arg(textColour(colour, palette()).name(), words);
    }
    setText(html);
}

} // namespace limbeck
