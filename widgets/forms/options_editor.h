// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/forms/field_editor.h"

class QToolButton;

namespace limbeck {

class InvalidMark;
class MutedLabel;
class OptionControl;

/// The options of the objective that is chosen: what differs from the defaults in one line, a button that
/// takes it back, and under it one control an option. Only what differs is kept in the configuration.
class OptionsEditor : public FieldEditor {
    Q_OBJECT

  public:
    OptionsEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;
    std::vector<Part> parts() const override;
    QWidget* target() const override;

  private:
    void showObjective(const std::string& id);
    void refresh();

    struct Slot {
        QLabel* label;
        OptionControl* control;
    };

    std::string objective_;
    TermOptions strange_; ///< options that the objective does not know, from a file: kept until reset
    std::vector<Slot> slots_;
    std::size_t used_ = 0;
    MutedLabel* summary_;
    QToolButton* reset_;
    InvalidMark* mark_;
};

} // namespace limbeck
