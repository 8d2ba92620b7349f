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
class StackEditor;

/// Chooses a network of the zoo, its options (for a stack its layers), and (for a teacher) a file of weights
/// to take instead of training it.
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

    /// What is known of the data, for the shapes within a stack: see StackEditor::setData().
    void setData(const std::vector<std::int64_t>& input, std::int64_t classes);

  private:
    bool hasHidden() const;
    bool isStack() const;
    Result<void> writeStack(NetworkSpec& next, const NetworkSpec& before) const;
    void refresh();

    Spec spec_;
    QComboBox* model_;
    InvalidMark* model_mark_;
    QLabel* hidden_label_;
    QLineEdit* hidden_;
    InvalidMark* hidden_mark_;
    StackEditor* stack_;
    bool stack_known_ = false; ///< whether its layers are somebody's
    std::vector<std::int64_t> input_;
    QLabel* weights_label_ = nullptr;
    PathEdit* weights_ = nullptr;
    QString reason_;
    /// What was shown last: options that the form has no editor for are kept while the model stays.
    NetworkSpec shown_;
};

} // namespace limbeck
