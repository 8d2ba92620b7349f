// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/edit_settings.h"

#include <QCoreApplication>
#include <algorithm>

#include "backend/types/fields.h"

namespace limbeck {
namespace {

QString tr(const char* text, int n = -1) {
    return QCoreApplication::translate("EditSettings", text, nullptr, n);
}

QString text_of(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// What one types, drags or builds up piece by piece; the others are chosen in one go.
bool grows(const std::string& key) {
    const Field* field = find_field(key);
    return field && field->kind != FieldKind::boolean && field->kind != FieldKind::choice;
}

} // namespace

QString name_of_edit(const std::vector<std::string>& keys) {
    if (keys.size() != 1) return tr("Change of %1 Settings").arg(keys.size());
    const std::string& key = keys.front();
    if (key == "distillation.hard_weight") return tr("Weight of Labels");
    if (key == "distillation.soft_weight") return tr("Weight of Teacher");
    const Field* field = find_field(key);
    const QString label = text_of(field ? field->label : std::string_view(key));
    // The teacher's own training has the names of the student's.
    return key.starts_with("teacher.training.") ? tr("Teacher: %1").arg(label) : label;
}

EditSettings::EditSettings(Edit edit, Apply apply, std::chrono::milliseconds pause)
    : edit_(std::move(edit)), apply_(std::move(apply)), pause_(pause) {
    setText(edit_.text.isEmpty() ? name_of_edit(edit_.keys) : edit_.text);
}

bool EditSettings::goesOn(const EditSettings& next) const {
    return edit_.text.isEmpty() && next.edit_.text.isEmpty() && edit_.keys == next.edit_.keys &&
           next.last_ - last_ <= pause_ && std::all_of(edit_.keys.begin(), edit_.keys.end(), grows);
}

bool EditSettings::mergeWith(const QUndoCommand* command) {
    const auto* next = dynamic_cast<const EditSettings*>(command);
    if (!next) return false;
    const bool back = next->edit_.to == edit_.from;
    if (!back && !goesOn(*next)) return false;
    edit_.to = next->edit_.to;
    last_ = next->last_;
    setObsolete(back);
    return true;
}

void EditSettings::undo() {
    apply_(edit_.from);
}

void EditSettings::redo() {
    apply_(edit_.to);
}

} // namespace limbeck
