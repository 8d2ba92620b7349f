// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/forms/simple_editors.h"

namespace limbeck {

/// The objective of the answers: a list of names, and a button that opens the picker with all about them.
class ObjectiveEditor : public ChoiceEditor {
    Q_OBJECT

  public:
    ObjectiveEditor(const Field& field, QWidget* parent);

  signals:
    /// In the picker; see ObjectivePicker.
    void lookedAt(const QString& id);

  private:
    void openPicker();
};

} // namespace limbeck
