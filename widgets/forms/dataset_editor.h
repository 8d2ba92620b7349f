// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "widgets/forms/field_editor.h"

class QComboBox;

namespace limbeck {

class InvalidMark;
class PathEdit;

/// Chooses a data set from the catalogue, and its folder where it lies in one.
class DatasetEditor : public FieldEditor {
    Q_OBJECT

  public:
    DatasetEditor(const Field& field, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;
    std::string rephrased(const std::string& reason) const override;
    std::vector<Part> parts() const override;
    QWidget* target() const override;

  private:
    bool needsFolder() const;
    void refresh();

    QComboBox* kind_;
    InvalidMark* kind_mark_;
    QLabel* folder_label_;
    PathEdit* folder_;
    InvalidMark* folder_mark_;
    QString reason_;
    /// Folders by kind: who looks at another kind and comes back finds the folder again.
    std::map<QString, QString> folders_;
};

} // namespace limbeck
