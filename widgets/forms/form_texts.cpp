// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/form_texts.h"

#include <QCoreApplication>

#include <array>
#include <utility>

#include "backend/types/catalogue.h"

namespace limbeck::form {

namespace {

QString translated(const char* words) {
    return QCoreApplication::translate("ExperimentForm", words);
}

constexpr std::array<std::pair<std::string_view, const char*>, 13> titles{{
    {"sgd", QT_TRANSLATE_NOOP("ExperimentForm", "SGD")},
    {"adamw", QT_TRANSLATE_NOOP("ExperimentForm", "AdamW")},
    {"constant", QT_TRANSLATE_NOOP("ExperimentForm", "Constant")},
    {"step", QT_TRANSLATE_NOOP("ExperimentForm", "Step")},
    {"cosine", QT_TRANSLATE_NOOP("ExperimentForm", "Cosine")},
    {"float32", QT_TRANSLATE_NOOP("ExperimentForm", "float32")},
    {"tf32", QT_TRANSLATE_NOOP("ExperimentForm", "tf32 (NVIDIA GPUs)")},
    {"bfloat16", QT_TRANSLATE_NOOP("ExperimentForm", "bfloat16 (autocast)")},
    {"probabilities", QT_TRANSLATE_NOOP("ExperimentForm", "Probabilities")},
    {"logits", QT_TRANSLATE_NOOP("ExperimentForm", "Logits")},
    {"auto", QT_TRANSLATE_NOOP("ExperimentForm", "Where exact")},
    {"half", QT_TRANSLATE_NOOP("ExperimentForm", "Half precision")},
    {"off", QT_TRANSLATE_NOOP("ExperimentForm", "No")},
}};

} // namespace

QString label(const Field& field) {
    const QString name = text(field.label), unit = text(field.unit);
    if (unit.isEmpty() || name.compare(unit, Qt::CaseInsensitive) == 0) return name;
    return QStringLiteral("%1 (%2)").arg(name, unit);
}

QString tooltip(const Field& field) {
    return QStringLiteral("<p>%1</p><p><small>%2</small></p>")
        .arg(text(field.tooltip).toHtmlEscaped(), text(field.key).toHtmlEscaped());
}

QString choiceTitle(std::string_view key, std::string_view choice) {
    if (key == "distillation.objective")
        if (const ObjectiveEntry* entry = find_objective(choice)) return text(entry->title);
    if (key == "distillation.scheme")
        if (const SchemeEntry* entry = find_scheme(choice)) return text(entry->title);
    for (const auto& [word, title] : titles)
        if (word == choice) return translated(title);
    return text(choice);
}

QString choiceTooltip(std::string_view key, std::string_view choice) {
    const auto words = [](const auto& entry) {
        QString small = text(entry.id);
        if (!entry.paper.empty()) small += QStringLiteral(" · ") + text(entry.paper);
        return QStringLiteral("<p>%1</p><p>%2</p><p><small>%3</small></p>")
            .arg(text(entry.description).toHtmlEscaped(), text(entry.when).toHtmlEscaped(),
                 small.toHtmlEscaped());
    };
    if (key == "distillation.objective")
        if (const ObjectiveEntry* entry = find_objective(choice)) return words(*entry);
    if (key == "distillation.scheme")
        if (const SchemeEntry* entry = find_scheme(choice)) return words(*entry);
    return {};
}

QString reason(const Problem& problem) {
    const QString message = QString::fromStdString(problem.message);
    const Field* field = find_field(problem.key);
    if (!field) return message;
    QString name = text(field->label);
    if (problem.key.starts_with("teacher.training."))
        name = translated("Teacher's training, %1").arg(name.toLower());
    return QStringLiteral("%1: %2").arg(name, message);
}

} // namespace limbeck::form
