// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/list_editor.h"

#include <QHBoxLayout>
#include <QLineEdit>

#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"

namespace limbeck {

ListEditor::ListEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent), line_(new QLineEdit(this)), mark_(new InvalidMark(line_)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(line_);
    setTarget(line_);
    line_->setAccessibleName(form::label(field));
    line_->setPlaceholderText(field.key == "distillation.peers" ? tr("The student's twin") : tr("None"));
    line_->setToolTip(form::tooltip(field));
    connect(line_, &QLineEdit::textEdited, this, &FieldEditor::edited);
    connect(line_, &QLineEdit::editingFinished, this, &FieldEditor::committed);
}

void ListEditor::readFrom(const ExperimentConfig& config) {
    // Text that already stands for this value is left as it was typed.
    ExperimentConfig typed = config;
    if (writeTo(typed) && field().get(typed) == field().get(config)) return;
    line_->setText(QString::fromStdString(std::get<std::string>(field().get(config))));
}

Result<void> ListEditor::writeTo(ExperimentConfig& config) const {
    return field().set(config, line_->text().toStdString());
}

void ListEditor::setReason(const QString& reason) {
    mark_->set(!reason.isEmpty());
    line_->setToolTip(tooltipWithReason(field(), reason));
}

} // namespace limbeck
