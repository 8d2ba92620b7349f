// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QString>
#include <optional>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/fields.h"

namespace limbeck {

/// Unsaved edits of one project's configuration, as they are kept beside the settings until they are saved.
struct RecoveryNote {
    QString project; ///< its folder, a text of paths.h
    bool untitled = false;
    QDateTime written;
    ExperimentConfig saved;  ///< what the project held when the edits were made
    ExperimentConfig edited; ///< what stood in the form

    /// A line with a checksum, then JSON.
    QByteArray encoded() const;
    /// Anything else than what encoded() gave, to the bit, is an error that says what is wrong with it.
    static Result<RecoveryNote> decode(const QByteArray& bytes);
};

/// "Temperature 4 → 6".
QString worded(const Difference& change);
/// "Temperature 4 → 6, Epochs 20 → 30 and 3 more"; `all`: one a line, none left out.
QString worded(const std::vector<Difference>& changes, bool all = false);

} // namespace limbeck
