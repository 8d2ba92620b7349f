// SPDX-License-Identifier: GPL-3.0-or-later
#include <QStringList>

#include <array>
#include <utility>

#include "backend/types/fields.h"
#include "widgets/runs/runs_model.h"

namespace limbeck {

namespace {

/// Words short enough for a column of a list; all else is called by the last part of its key.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> short_names{{
    {"data.dataset", ""},
    {"data.seed", "data seed"},
    {"data.validation_fraction", "validation"},
    {"teacher.model", "by"},
    {"student.model", ""},
    {"distillation.objective", ""},
    {"distillation.temperature", "T"},
    {"distillation.hard_weight", "labels"},
    {"distillation.soft_weight", "teacher"},
    {"distillation.t_squared", "T²"},
    {"training.learning_rate", "rate"},
    {"training.batch_size", "batch"},
    {"training.optimizer", ""},
    {"training.schedule", ""},
    {"teacher.training.learning_rate", "rate"},
    {"teacher.training.batch_size", "batch"},
}};

QString shortName(std::string_view key) {
    for (const auto& [known, name] : short_names)
        if (known == key) return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    const std::string_view last = key.substr(key.rfind('.') + 1);
    return QString::fromUtf8(last.data(), static_cast<qsizetype>(last.size())).replace('_', ' ');
}

/// Where it runs and how often it saves are no settings of the experiment; a teacher knows no
/// student, and a student alone knows no teacher.
bool bears_on(std::string_view key, Role role) {
    const auto in = [&](std::string_view section) { return key.starts_with(section); };
    if (key == "training.device" || key == "training.checkpoint_minutes" || in("training.keep_") ||
        key == "student.alone")
        return false;
    switch (role) {
    case Role::teacher:
        return in("data.") || in("teacher.") || key == "training.seed" || key == "training.precision";
    case Role::baseline:
        return !in("teacher.") && !in("distillation.");
    case Role::assistant:
    case Role::student:
        return true;
    }
    return true;
}

QString shown(const Field& field, const ExperimentConfig& config) {
    QString text = QString::fromStdString(field_text(config, field.key));
    if (field.kind == FieldKind::boolean)
        text = text == QLatin1String("true") ? QStringLiteral("on") : QStringLiteral("off");
    // Of a path only the last part fits, and it is what differs.
    if (field.kind == FieldKind::dataset || field.kind == FieldKind::network)
        if (const qsizetype slash = text.lastIndexOf('/'); slash >= 0) text = text.mid(slash + 1);
    if (field.kind == FieldKind::network) text.replace(QLatin1String(":hidden="), QLatin1String(" "));
    const QString name = shortName(field.key);
    return name.isEmpty() ? text : name + QLatin1Char(' ') + text;
}

} // namespace

std::map<RunId, QString> differing_settings(std::span<const RunRow> rows) {
    std::map<RunId, QStringList> parts;
    for (const RunRow& row : rows)
        parts[row.record.id];
    for (const Field& field : fields()) {
        // Compared among the runs that the setting bears on: a teacher's settings make no student differ.
        const RunRow* first = nullptr;
        bool differs = false;
        for (const RunRow& row : rows) {
            if (!bears_on(field.key, row.record.role)) continue;
            if (!first)
                first = &row;
            else if (field.get(row.record.config) != field.get(first->record.config))
                differs = true;
        }
        if (!differs) continue;
        for (const RunRow& row : rows)
            if (bears_on(field.key, row.record.role)) parts[row.record.id] << shown(field, row.record.config);
    }
    std::map<RunId, QString> texts;
    for (const auto& [run, list] : parts)
        texts[run] = list.join(QStringLiteral(" · "));
    return texts;
}

} // namespace limbeck
