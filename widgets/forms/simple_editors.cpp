// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/simple_editors.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>

#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/quiet_wheel.h"

namespace limbeck {

namespace {

QHBoxLayout* bareLayout(QWidget* owner) {
    auto* layout = new QHBoxLayout(owner);
    layout->setContentsMargins(0, 0, 0, 0);
    return layout;
}

} // namespace

NumberSpin* makeSpin(const Field& field, QWidget* parent) {
    const auto kind = field.kind == FieldKind::integer ? NumberSpin::Kind::whole : NumberSpin::Kind::real;
    auto* spin = new NumberSpin(kind, field.minimum, field.maximum, parent);
    spin->setAccessibleName(form::label(field));
    spin->setToolTip(form::tooltip(field));
    spin->setZeroText(form::text(field.zero));
    return spin;
}

void readNumber(NumberSpin& spin, const Field& field, const ExperimentConfig& config) {
    const FieldValue value = field.get(config);
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        spin.setWhole(*whole);
    else
        spin.setReal(std::get<double>(value));
}

Result<void> writeNumber(const NumberSpin& spin, const Field& field, ExperimentConfig& config) {
    const auto unreadable = [&] {
        return failure(ErrorKind::configuration, spin.wrong().toStdString(), std::string(field.key));
    };
    if (field.kind == FieldKind::integer) {
        const auto whole = spin.whole();
        return whole ? field.set(config, *whole) : unreadable();
    }
    const auto real = spin.real();
    return real ? field.set(config, *real) : unreadable();
}

BooleanEditor::BooleanEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent), box_(new QCheckBox(this)), mark_(new InvalidMark(box_)) {
    auto* layout = bareLayout(this);
    layout->addWidget(box_);
    layout->addStretch();
    setTarget(box_);
    box_->setAccessibleName(form::label(field));
    box_->setToolTip(form::tooltip(field));
    connect(box_, &QCheckBox::clicked, this, [this] {
        emit edited();
        emit committed();
    });
}

void BooleanEditor::readFrom(const ExperimentConfig& config) {
    box_->setChecked(std::get<bool>(field().get(config)));
}

Result<void> BooleanEditor::writeTo(ExperimentConfig& config) const {
    return field().set(config, box_->isChecked());
}

void BooleanEditor::setReason(const QString& reason) {
    mark_->set(!reason.isEmpty());
    box_->setToolTip(tooltipWithReason(field(), reason));
}

NumberEditor::NumberEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent), spin_(makeSpin(field, this)), mark_(new InvalidMark(spin_)) {
    bareLayout(this)->addWidget(spin_);
    setTarget(spin_);
    connect(spin_, &NumberSpin::edited, this, &FieldEditor::edited);
    connect(spin_, &NumberSpin::committed, this, &FieldEditor::committed);
}

void NumberEditor::readFrom(const ExperimentConfig& config) {
    readNumber(*spin_, field(), config);
}

Result<void> NumberEditor::writeTo(ExperimentConfig& config) const {
    return writeNumber(*spin_, field(), config);
}

void NumberEditor::setReason(const QString& reason) {
    mark_->set(!reason.isEmpty());
    spin_->setToolTip(tooltipWithReason(field(), reason));
}

ChoiceEditor::ChoiceEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent), box_(new QuietWheel<QComboBox>(this)), mark_(new InvalidMark(box_)) {
    bareLayout(this)->addWidget(box_, 1);
    setTarget(box_);
    box_->setAccessibleName(form::label(field));
    box_->setMinimumContentsLength(8);
    box_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    for (const std::string_view choice : field.choices) {
        box_->addItem(form::choiceTitle(field.key, choice), form::text(choice));
        box_->setItemData(box_->count() - 1, form::choiceTooltip(field.key, choice), Qt::ToolTipRole);
    }
    refreshTooltip();
    connect(box_, &QComboBox::activated, this, [this] {
        refreshTooltip();
        emit edited();
        emit committed();
    });
}

void ChoiceEditor::readFrom(const ExperimentConfig& config) {
    const QString value = QString::fromStdString(std::get<std::string>(field().get(config)));
    if (box_->currentData().toString() == value && box_->currentIndex() >= 0) return;
    int index = box_->findData(value);
    if (index < 0) {
        // A word from a file that this version does not know: shown as it is, and marked by check().
        box_->addItem(value, value);
        index = box_->count() - 1;
    }
    box_->setCurrentIndex(index);
    refreshTooltip();
}

Result<void> ChoiceEditor::writeTo(ExperimentConfig& config) const {
    return field().set(config, box_->currentData().toString().toStdString());
}

QString ChoiceEditor::choice() const {
    return box_->currentData().toString();
}

void ChoiceEditor::choose(const QString& word) {
    const int index = box_->findData(word);
    if (index < 0 || index == box_->currentIndex()) return;
    box_->setCurrentIndex(index);
    emit box_->activated(index);
}

void ChoiceEditor::setReason(const QString& reason) {
    reason_ = reason;
    mark_->set(!reason.isEmpty());
    refreshTooltip();
}

void ChoiceEditor::refreshTooltip() {
    box_->setToolTip(tooltipWithReason(field(), reason_) + box_->currentData(Qt::ToolTipRole).toString());
}

} // namespace limbeck
