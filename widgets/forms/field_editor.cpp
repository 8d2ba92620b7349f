// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/field_editor.h"

#include "widgets/forms/dataset_editor.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/list_editor.h"
#include "widgets/forms/network_editor.h"
#include "widgets/forms/objective_editor.h"
#include "widgets/forms/options_editor.h"
#include "widgets/forms/simple_editors.h"
#include "widgets/forms/slider_editor.h"
#include "widgets/forms/terms_editor.h"

namespace limbeck {

FieldEditor::FieldEditor(const Field& field, QWidget* parent) : QWidget(parent), field_(field) {
    setObjectName(QString::fromUtf8(field.key.data(), static_cast<qsizetype>(field.key.size())));
    setAccessibleName(form::label(field));
}

FieldEditor* makeFieldEditor(const Field& field, QWidget* parent) {
    if (field.key == "distillation.temperature")
        return new SliderEditor(field, {0.5, 32, SliderEditor::Scale::logarithmic}, parent);
    if (field.key == "distillation.hard_weight" || field.key == "distillation.soft_weight")
        return new SliderEditor(field, {0, 1, SliderEditor::Scale::linear}, parent);
    if (field.key == "distillation.objective") return new ObjectiveEditor(field, parent);
    switch (field.kind) {
    case FieldKind::boolean:
        return new BooleanEditor(field, parent);
    case FieldKind::choice:
        return new ChoiceEditor(field, parent);
    case FieldKind::dataset:
        return new DatasetEditor(field, parent);
    case FieldKind::network:
        return field.key == "teacher.model"
                   ? new NetworkEditor(
                         field, [](ExperimentConfig& c) -> NetworkSpec& { return c.teacher.network; }, true,
                         parent)
                   : new NetworkEditor(
                         field, [](ExperimentConfig& c) -> NetworkSpec& { return c.student.network; }, false,
                         parent);
    case FieldKind::networks:
        return new ListEditor(field, parent);
    case FieldKind::terms:
        return new TermsEditor(field, parent);
    case FieldKind::options:
        return new OptionsEditor(field, parent);
    case FieldKind::integer:
    case FieldKind::real:
        break;
    }
    return new NumberEditor(field, parent);
}

QString tooltipWithReason(const Field& field, const QString& reason) {
    const QString own = form::tooltip(field);
    return reason.isEmpty() ? own : QStringLiteral("<p><b>%1</b></p>").arg(reason.toHtmlEscaped()) + own;
}

} // namespace limbeck
