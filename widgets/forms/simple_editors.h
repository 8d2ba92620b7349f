// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/forms/field_editor.h"

class QCheckBox;
class QComboBox;

namespace limbeck {

class InvalidMark;
class NumberSpin;

class BooleanEditor : public FieldEditor {
    Q_OBJECT

  public:
    BooleanEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;

  private:
    QCheckBox* box_;
    InvalidMark* mark_;
};

class NumberEditor : public FieldEditor {
    Q_OBJECT

  public:
    NumberEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;

  private:
    NumberSpin* spin_;
    InvalidMark* mark_;
};

class ChoiceEditor : public FieldEditor {
    Q_OBJECT

  public:
    ChoiceEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;

  protected:
    /// The word that is chosen, as it stands in the configuration.
    QString choice() const;
    /// Chooses as if by hand.
    void choose(const QString& word);

  private:
    void refreshTooltip();

    QComboBox* box_;
    InvalidMark* mark_;
    QString reason_;
};

/// A spin box for an integer or real field, its accessible name set.
NumberSpin* makeSpin(const Field& field, QWidget* parent);
/// Shows the field's number in the spin box.
void readNumber(NumberSpin& spin, const Field& field, const ExperimentConfig& config);
/// Puts the spin box's number into the configuration, or says what was found instead of one.
Result<void> writeNumber(const NumberSpin& spin, const Field& field, ExperimentConfig& config);

} // namespace limbeck
