// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QUndoCommand>
#include <functional>

#include "backend/types/fields.h"

namespace limbeck {

/// Swaps one setting in and out. Merges with the next edit of the same setting (typing, dragging)
/// and drops itself when the value is back where it was.
class EditSetting : public QUndoCommand {
  public:
    /// `apply` gets the key and the value's text.
    using Apply = std::function<void(const std::string& key, const std::string& text)>;

    EditSetting(Difference difference, Apply apply, QUndoCommand* parent = nullptr);

    int id() const override { return 1; }

    bool mergeWith(const QUndoCommand* next) override;
    void undo() override;
    void redo() override;

  private:
    Difference difference_;
    Apply apply_;
};

} // namespace limbeck
