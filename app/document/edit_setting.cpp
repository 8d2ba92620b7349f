// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/edit_setting.h"

#include <QCoreApplication>

namespace limbeck {

EditSetting::EditSetting(Difference difference, Apply apply, QUndoCommand* parent)
    : QUndoCommand(parent), difference_(std::move(difference)), apply_(std::move(apply)) {
    const Field* field = find_field(difference_.key);
    const std::string_view label = field ? field->label : std::string_view(difference_.key);
    setText(QCoreApplication::translate("EditSetting", "change of %1")
                .arg(QString::fromUtf8(label.data(), static_cast<qsizetype>(label.size()))));
}

bool EditSetting::mergeWith(const QUndoCommand* next) {
    const auto* edit = dynamic_cast<const EditSetting*>(next);
    if (!edit || edit->difference_.key != difference_.key) return false;
    difference_.to = edit->difference_.to;
    setObsolete(difference_.to == difference_.from);
    return true;
}

void EditSetting::undo() {
    apply_(difference_.key, difference_.from);
}

void EditSetting::redo() {
    apply_(difference_.key, difference_.to);
}

} // namespace limbeck
