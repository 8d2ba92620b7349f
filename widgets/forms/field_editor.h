// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <string>
#include <vector>

#include "backend/types/fields.h"

class QLabel;

namespace limbeck {

/// Edits one setting of a configuration. Knows neither the form nor whether a run is on.
class FieldEditor : public QWidget {
    Q_OBJECT

  public:
    /// A further row of a setting that has parts (the folder of a data set). The editor shows and
    /// hides `widget` and `label` itself; without a label the row is as wide as the section.
    struct Part {
        QLabel* label;
        QWidget* widget;
    };

    FieldEditor(const Field& field, QWidget* parent);

    const Field& field() const { return field_; }

    /// Shows what the configuration says; emits nothing. A text that already says it is left alone.
    virtual void readFrom(const ExperimentConfig& config) = 0;
    /// Puts what is shown into the configuration, also where it is out of range; an error (a
    /// fragment: "found …; … is right.") where it cannot be read at all, and then nothing is changed.
    virtual Result<void> writeTo(ExperimentConfig& config) const = 0;
    /// Marks the control in red and gives the reason as its tooltip; empty: all is well.
    virtual void setReason(const QString& reason) = 0;

    /// A reason of check() in the words of the form where the command line's would not do.
    virtual std::string rephrased(const std::string& reason) const { return reason; }

    virtual std::vector<Part> parts() const { return {}; }

    /// Whether a slider is held just now.
    virtual bool isDragging() const { return false; }

    /// Where the focus goes when somebody is led to the field.
    virtual QWidget* target() const { return target_; }

  signals:
    void edited();    ///< by hand; each keystroke and each move of a slider
    void committed(); ///< Enter, the focus went, a slider was let go, an entry was chosen

  protected:
    // No focus proxy: the empty editor itself would become a stop of the Tab key, out of its place.
    void setTarget(QWidget* target) { target_ = target; }

  private:
    const Field& field_;
    QWidget* target_ = nullptr;
};

/// The editor for the field's kind. Owned by `parent`.
FieldEditor* makeFieldEditor(const Field& field, QWidget* parent);

/// Tooltip of a control: the reason first, if there is one, then the field's own words.
QString tooltipWithReason(const Field& field, const QString& reason);

} // namespace limbeck
