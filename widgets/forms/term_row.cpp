// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/term_row.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

#include "backend/types/fields.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/muted_label.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/option_control.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr double largest_weight = 1e6;

/// What check() says of a loss with this term.
QString checked(const TermConfig& term) {
    ExperimentConfig probe;
    probe.distillation.terms = {term};
    for (const Problem& problem : check(probe))
        if (problem.key == "distillation.terms") return QString::fromStdString(problem.message);
    return {};
}

std::vector<std::string> tapsIn(const QString& text) {
    std::vector<std::string> taps;
    for (const QString& tap : text.split(QLatin1Char('+'), Qt::SkipEmptyParts))
        if (!tap.trimmed().isEmpty()) taps.push_back(tap.trimmed().toStdString());
    return taps;
}

} // namespace

TermRow::TermRow(const TermConfig& term, QWidget* parent)
    : QFrame(parent)
    , id_(term.id)
    , entry_(find_objective(term.id))
    , title_(entry_ ? form::text(entry_->title) : QString::fromStdString(term.id))
    , header_(new QToolButton(this))
    , weight_(new NumberSpin(NumberSpin::Kind::real, 0, largest_weight, this))
    , weight_mark_(new InvalidMark(weight_))
    , remove_(new QToolButton(this))
    , needs_line_(new QLabel(this))
    , details_(new QWidget(this))
    , grid_(new QGridLayout(details_)) {
    build();
    addOptions();
    setOpen(false);
    show(term);
}

void TermRow::build() {
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(title_);
    header_->setAutoRaise(true);
    header_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    header_->setFocusPolicy(Qt::StrongFocus);
    header_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    header_->setAccessibleName(tr("Options of %1").arg(title_));
    header_->setToolTip(entry_ ? QStringLiteral("<p><b>%1</b></p>").arg(title_.toHtmlEscaped()) +
                                     form::choiceTooltip("distillation.objective", id_)
                               : title_.toHtmlEscaped());
    weight_->setAccessibleName(tr("Weight of %1").arg(title_));
    weight_->setToolTip(tr("<p>How much this term counts in the loss.</p><p><small>default %1</small></p>")
                            .arg(shownNumber(entry_ ? entry_->weight : 1)));
    remove_->setText(QStringLiteral("✕"));
    remove_->setAutoRaise(true);
    remove_->setFocusPolicy(Qt::StrongFocus);
    remove_->setAccessibleName(tr("Remove %1").arg(title_));
    remove_->setToolTip(tr("<p>Takes this term out of the loss.</p>"));
    needs_line_->setTextFormat(Qt::PlainText);
    needs_line_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    needs_line_->setIndent(style::grid / 2);

    auto* head = new QHBoxLayout;
    head->setSpacing(style::grid / 2);
    head->addWidget(header_, 1);
    head->addWidget(weight_);
    head->addWidget(remove_);
    grid_->setContentsMargins(style::grid / 2, style::grid / 2, 0, 0);
    grid_->setHorizontalSpacing(style::grid);
    grid_->setVerticalSpacing(style::grid / 2);
    grid_->setColumnStretch(0, 1);
    grid_->setColumnStretch(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(style::grid / 2, style::grid / 2, style::grid / 2, style::grid / 2);
    layout->setSpacing(2);
    layout->addLayout(head);
    layout->addWidget(needs_line_);
    layout->addWidget(details_);

    connect(header_, &QToolButton::clicked, this, [this] { setOpen(!isOpen()); });
    connect(remove_, &QToolButton::clicked, this, &TermRow::removeAsked);
    connect(weight_, &NumberSpin::edited, this, [this] {
        refresh();
        emit edited();
    });
    connect(weight_, &NumberSpin::committed, this, &TermRow::committed);
}

void TermRow::addOptions() {
    const auto add = [this](const QString& name, const QString& tip, QWidget* control, QWidget* target) {
        auto* label = new QLabel(name, details_);
        label->setWordWrap(true);
        label->setToolTip(tip);
        label->setBuddy(target);
        const int row = grid_->rowCount();
        grid_->addWidget(label, row, 0);
        grid_->addWidget(control, row, 1);
    };
    if (!entry_ || entry_->taps != DefaultTaps::none) {
        taps_ = new QLineEdit(details_);
        taps_mark_ = new InvalidMark(taps_);
        taps_->setMaxLength(1024);
        taps_->setPlaceholderText(entry_ ? form::defaultTaps(*entry_) : QString());
        taps_->setAccessibleName(tr("Taps of %1").arg(title_));
        const QString tip =
            tr("<p>Which features are compared, joined by +, as in feature.1+feature.2; feature.2/feature.3 "
               "holds the student's second against the teacher's third. Empty: %1.</p>")
                .arg((entry_ ? form::defaultTaps(*entry_) : tr("the usual ones")).toHtmlEscaped());
        taps_->setToolTip(tip);
        add(tr("Features"), tip, taps_, taps_);
        connect(taps_, &QLineEdit::textEdited, this, [this] {
            refresh();
            emit edited();
        });
        connect(taps_, &QLineEdit::editingFinished, this, &TermRow::committed);
    }
    for (const OptionEntry& option : entry_ ? form::optionsOf(*entry_, true) : std::vector<OptionEntry>{}) {
        auto* control = new OptionControl(details_);
        const QString name = form::text(option.label);
        control->setOption(option, tr("%1 of %2").arg(name, title_));
        add(name, form::text(option.description), control, control->target());
        options_.push_back(control);
        connect(control, &OptionControl::edited, this, [this] {
            refresh();
            emit edited();
        });
        connect(control, &OptionControl::committed, this, &TermRow::committed);
    }
}

void TermRow::show(const TermConfig& term) {
    weight_->setReal(term.weight);
    strange_ = term.options;
    if (taps_ && tapsIn(taps_->text()) != term.taps) {
        QStringList taps;
        for (const std::string& tap : term.taps)
            taps.append(QString::fromStdString(tap));
        taps_->setText(taps.join(QLatin1Char('+')));
    }
    for (OptionControl* control : options_) {
        const std::string key(control->option().key);
        const auto found = term.options.find(key);
        control->setValue(found == term.options.end() ? control->option().value : found->second);
        strange_.erase(key);
    }
    refresh();
}

Result<TermConfig> TermRow::term() const {
    TermConfig term;
    term.id = id_;
    term.options = strange_;
    const auto unreadable = [](const QString& message) {
        return failure(ErrorKind::configuration, message.toStdString(), "distillation.terms");
    };
    const auto weight = weight_->real();
    if (!weight) return unreadable(tr("weight of %1: %2").arg(title_, weight_->wrong()));
    term.weight = *weight;
    if (taps_) term.taps = tapsIn(taps_->text());
    for (const OptionControl* control : options_) {
        const auto value = control->value();
        const std::string key(control->option().key);
        if (!value)
            return unreadable(
                tr("%1 of %2: %3").arg(form::text(control->option().label), title_, control->problem()));
        if (*value != control->option().value) term.options[key] = *value;
    }
    return term;
}

QString TermRow::problem() const {
    const auto now = term();
    return now ? checked(*now) : QString::fromStdString(now.error().message);
}

bool TermRow::tapsAreWrong() const {
    if (!taps_ || taps_->text().trimmed().isEmpty()) return false;
    TermConfig only;
    only.id = id_;
    only.taps = tapsIn(taps_->text());
    return !checked(only).isEmpty();
}

void TermRow::setNeeds(const TermNeedsText& needs) {
    if (needs == needs_) return;
    needs_ = needs;
    refreshNeeds();
}

void TermRow::setOpen(bool open) {
    details_->setVisible(open);
    header_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
}

bool TermRow::isOpen() const {
    return details_->isVisibleTo(this);
}

QWidget* TermRow::target() const {
    if (tapsAreWrong()) return taps_;
    for (const OptionControl* control : options_)
        if (!control->problem().isEmpty()) return control->target();
    return weight_;
}

std::vector<QWidget*> TermRow::stops() const {
    std::vector<QWidget*> stops{header_, weight_, remove_};
    if (taps_) stops.push_back(taps_);
    for (const OptionControl* control : options_)
        stops.push_back(control->target());
    return stops;
}

void TermRow::refresh() {
    const auto weight = weight_->real();
    weight_mark_->set(!weight || *weight < 0 || *weight > largest_weight);
    if (taps_) taps_mark_->set(tapsAreWrong());
    for (OptionControl* control : options_)
        control->refreshMark();
    refreshNeeds();
}

/// One line, always there: what is wrong, else what the term needs, else where it looks.
void TermRow::refreshNeeds() {
    const QString wrong = problem();
    const bool red = !wrong.isEmpty() || needs_.problem;
    const QString usual = entry_ ? form::defaultTaps(*entry_) : QString();
    const QString words = !wrong.isEmpty() ? wrong : !needs_.text.isEmpty() ? needs_.text : usual;
    needs_line_->setText(
        needs_line_->fontMetrics().elidedText(words, Qt::ElideRight, needs_line_->width() - style::grid / 2));
    needs_line_->setToolTip(words.isEmpty() ? QString()
                                            : QStringLiteral("<p>%1</p>").arg(words.toHtmlEscaped()));
    needs_line_->setAccessibleName(words);
    QPalette own = palette();
    own.setColor(QPalette::WindowText,
                 red ? style::readable(style::errorColour(own), own, 4.5) : style::mutedText(own));
    needs_line_->setPalette(own);
    // The arrow and the frame of the button take their room.
    header_->setText(
        header_->fontMetrics().elidedText(title_, Qt::ElideRight, header_->width() - 4 * style::grid));
}

void TermRow::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    refreshNeeds();
}

void TermRow::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) refreshNeeds();
}

} // namespace limbeck
