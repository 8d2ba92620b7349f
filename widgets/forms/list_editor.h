// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/forms/field_editor.h"

class QLineEdit;

namespace limbeck {

class InvalidMark;

/// A list of networks in its short form, typed as on the command line.
class ListEditor : public FieldEditor {
    Q_OBJECT

  public:
    ListEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;

  private:
    QLineEdit* line_;
    InvalidMark* mark_;
};

} // namespace limbeck
