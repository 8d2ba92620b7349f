// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/objective_editor.h"

#include <QLayout>
#include <QToolButton>

#include "widgets/forms/objective_picker.h"
#include "widgets/style/palette.h"

namespace limbeck {

ObjectiveEditor::ObjectiveEditor(const Field& field, QWidget* parent) : ChoiceEditor(field, parent) {
    auto* more = new QToolButton(this);
    more->setText(QStringLiteral("…"));
    more->setFocusPolicy(Qt::StrongFocus);
    more->setAccessibleName(tr("Choose an objective"));
    more->setToolTip(tr("<p>Shows all objectives with their formulas and papers.</p>"));
    layout()->setSpacing(style::grid / 2);
    layout()->addWidget(more);
    connect(more, &QToolButton::clicked, this, &ObjectiveEditor::openPicker);
}

void ObjectiveEditor::openPicker() {
    auto* picker = openObjectivePicker(ObjectivePicker::Scope::answers, choice(), this);
    connect(picker, &ObjectivePicker::lookedAt, this, &ObjectiveEditor::lookedAt);
    connect(picker, &ObjectivePicker::chosen, this, &ObjectiveEditor::choose);
    emit lookedAt(picker->current());
}

} // namespace limbeck
