// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/forms/field_editor.h"
#include "widgets/forms/objective_texts.h"

class QPushButton;
class QVBoxLayout;

namespace limbeck {

class InvalidMark;
class TermRow;

/// The further terms of the loss: a button that opens the picker, and under it a row for each term.
class TermsEditor : public FieldEditor {
    Q_OBJECT

  public:
    TermsEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;
    std::vector<Part> parts() const override;
    QWidget* target() const override;

    /// What each of the terms needs, in their order; fewer leave the others without.
    void setNeeds(const std::vector<TermNeedsText>& needs);

    const std::vector<TermRow*>& rows() const { return rows_; }

  signals:
    /// In the picker; see ObjectivePicker.
    void lookedAt(const QString& id);

  private:
    void openPicker();
    void addTerm(const std::string& id);
    TermRow* makeRow(const TermConfig& term);
    void removeRow(TermRow* row);
    void refresh();

    QPushButton* add_;
    InvalidMark* mark_;
    QWidget* list_;
    QVBoxLayout* stack_;
    std::vector<TermRow*> rows_;
};

} // namespace limbeck
