// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/cards/network_card.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

#include <cstring>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr int stripe = 4;

} // namespace

NetworkCard::NetworkCard(Role role, QWidget* parent) : QFrame(parent), role_(role), title_(new QLabel(this)) {
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(style::label(style::meaning(role)));
    title_->setTextFormat(Qt::PlainText);
    title_->setMinimumWidth(0);
    title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    title_->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(stripe + style::grid, 6, style::grid, 6);
    grid->setHorizontalSpacing(style::grid);
    grid->setVerticalSpacing(2);
    grid->addWidget(title_, 0, 0, 1, 4);
    auto* details = new QToolButton(this);
    details->setText(tr("Details…"));
    details->setAutoRaise(true);
    details->setObjectName(QStringLiteral("details"));
    details->setAccessibleName(tr("Details of the network"));
    details->setToolTip(tr("Layer by layer: shapes, parameters, multiply-adds, memory, and a drawing"));
    connect(details, &QToolButton::clicked, this, &NetworkCard::detailsRequested);
    grid->addWidget(details, 0, 4, Qt::AlignRight);
    // Two columns of three rows: costs of having it, costs of asking it, and what it knows.
    const auto cell = [&](int index, int row, int column, const char* name, const QString& words,
                          const QString& tip) {
        auto* label = new QLabel(words, this);
        auto* value = new QLabel(this);
        label->setToolTip(tip);
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        value->setAccessibleName(words);
        grid->addWidget(label, row, column);
        grid->addWidget(value, row, column + 1);
        cells_[static_cast<std::size_t>(index)] = {name, label, value};
    };
    cell(0, 1, 0, "parameters", tr("Parameters"), tr("Numbers that training sets."));
    cell(1, 2, 0, "size", tr("Size"), tr("Of the weights file, in float32."));
    cell(2, 1, 3, "flops", tr("Work"), tr("Floating-point operations for one sample: 2 × multiply-adds."));
    cell(3, 2, 3, "latency", tr("Latency"), tr("Median time for one sample on the CPU, measured here."));
    cell(4, 3, 0, "validation", tr("Validation"), tr("Accuracy on the validation part."));
    cell(5, 3, 3, "test", tr("Test"), tr("Accuracy on the test part."));
    grid->setColumnStretch(1, 1);
    grid->setColumnMinimumWidth(2, 0);
    grid->setColumnStretch(4, 1);
    applyFonts();
    setFacts({});
}

void NetworkCard::setTitle(const QString& title) {
    full_title_ = title;
    title_->setText(title);
    title_->setToolTip(title);
}

QString NetworkCard::title() const {
    return full_title_;
}

void NetworkCard::setFacts(const NetworkFacts& facts) {
    facts_ = facts;
    const auto show = [](auto value, auto as_text) { return value ? as_text(*value) : QString(); };
    const std::array<QString, 6> texts{show(facts.parameters, format::parameters),
                                       show(facts.bytes, format::bytes),
                                       show(facts.flops, format::flops),
                                       show(facts.latency_ms, format::latency),
                                       show(facts.validation_accuracy, format::percent),
                                       show(facts.test_accuracy, format::percent)};
    const QString usual_costs = tr("Known once the engine is loaded and has looked at the network.");
    const QString usual_accuracy = tr("Known once the network has been trained and evaluated.");
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const bool known = !texts[i].isEmpty();
        cells_[i].value->setText(known ? texts[i] : QStringLiteral("—"));
        const QString why = !facts.why_unknown.isEmpty() ? facts.why_unknown
                            : i < 4                      ? usual_costs
                                                         : usual_accuracy;
        cells_[i].value->setToolTip(known ? cells_[i].label->toolTip() : why);
    }
}

QString NetworkCard::text(const char* row) const {
    for (const Cell& cell : cells_)
        if (std::strcmp(cell.name, row) == 0) return cell.value->text();
    return {};
}

void NetworkCard::applyFonts() {
    QFont bold = font();
    bold.setBold(true);
    title_->setFont(bold);
    const QColor muted = style::mutedText(palette());
    for (const Cell& cell : cells_) {
        cell.value->setFont(style::tabular(font()));
        QPalette own = palette();
        own.setColor(QPalette::WindowText, muted);
        cell.label->setPalette(own);
    }
}

void NetworkCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    painter.setPen(style::gridColour(palette()));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    painter.fillRect(QRect(0, 0, stripe, height()), style::colour(style::meaning(role_), palette()));
}

void NetworkCard::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    // Also sent while the labels are not there yet.
    if (cells_.back().value &&
        (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange))
        applyFonts();
}

} // namespace limbeck
