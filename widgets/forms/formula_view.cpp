// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/formula_view.h"

#include <QEvent>

#include <array>

#include "backend/types/catalogue.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

/// The colours that further terms have on the plots, by turns.
constexpr std::array further{style::Meaning::term_a, style::Meaning::term_b, style::Meaning::term_c};

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
    std::size_t terms = 0;
    for (const FormulaPart& part : parts_) {
        const QString words = QString::fromStdString(part.text).toHtmlEscaped();
        // A line may break between the terms, not within one.
        if (part.kind == FormulaPart::Kind::sign) {
            html += QString(words).replace(QLatin1String("T = "), QStringLiteral("T\u00A0=\u00A0"));
            continue;
        }
        style::Meaning meaning = style::Meaning::hard;
        if (part.kind == FormulaPart::Kind::soft) meaning = style::Meaning::soft;
        if (part.kind == FormulaPart::Kind::term) meaning = further[terms++ % further.size()];
        const QColor colour = textColour(style::colour(meaning, palette()), palette());
        html +=
            QStringLiteral("<span style='color:%1; white-space:nowrap'>%2</span>").arg(colour.name(), words);
    }
    setText(html);
}

} // namespace limbeck
