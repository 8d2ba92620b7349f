// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>

#include "widgets/forms/field_editor.h"

class QComboBox;
class QLineEdit;

namespace limbeck {

class InvalidMark;
class PathEdit;

/// Chooses a network of the zoo, its options, and (for a teacher) a file of weights to take instead
/// of training it.
class NetworkEditor : public FieldEditor {
    Q_OBJECT

  public:
    using Spec = std::function<NetworkSpec&(ExperimentConfig&)>;

    NetworkEditor(const Field& field, Spec spec, bool with_weights, QWidget* parent);

    void readFrom(const ExperimentConfig& config) override;
    Result<void> writeTo(ExperimentConfig& config) const override;
    void setReason(const QString& reason) override;
    std::vector<Part> parts() const override;
    QWidget* target() const override;

  private:
    bool hasHidden() const;
    void refresh();

    Spec spec_;
    QComboBox* model_;
    InvalidMark* model_mark_;
    QLabel* hidden_label_;
    QLineEdit* hidden_;
    InvalidMark* hidden_mark_;
    QLabel* weights_label_ = nullptr;
    PathEdit* weights_ = nullptr;
    QString reason_;
    /// What was shown last: options that the form has no editor for are kept while the model stays.
    NetworkSpec shown_;
};

} // namespace limbeck
