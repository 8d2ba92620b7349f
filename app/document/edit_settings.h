// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QUndoCommand>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "backend/types/config.h"

namespace limbeck {

/// What an edit is called in the menu: the setting's label ("Temperature", "Teacher: Epochs"), or how many
/// settings it changes.
QString name_of_edit(const std::vector<std::string>& keys);

/// Swaps one or several settings in and out, as one step to undo. It keeps whole configurations, so that undo
/// gives back exactly what was there.
///
/// While one types or drags, edits of the same settings merge into one step; a choice or a check mark is a
/// step each time. An edit that takes the one before it back drops both.
class EditSettings : public QUndoCommand {
  public:
    using Clock = std::chrono::steady_clock;
    using Apply = std::function<void(const ExperimentConfig&)>;

    struct Edit {
        ExperimentConfig from, to;
        std::vector<std::string> keys; ///< in which they differ
        QString text;                  ///< a name of its own (a recipe); such an edit is a step of its own
    };

    /// `pause`: an edit that comes later than this after the one before begins a new step.
    EditSettings(Edit edit, Apply apply, std::chrono::milliseconds pause);

    int id() const override { return 1; }

    bool mergeWith(const QUndoCommand* next) override;
    void undo() override;
    void redo() override;

  private:
    bool goesOn(const EditSettings& next) const;

    Edit edit_;
    Apply apply_;
    std::chrono::milliseconds pause_;
    Clock::time_point last_ = Clock::now();
};

} // namespace limbeck
