// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <utility>
#include <vector>

#include "backend/types/catalogue.h"

class QPalette;

namespace limbeck {

/// What a term of the loss needs for the networks at hand, in words that somebody else found out:
/// "adapter 12,480 parameters · bank 12 MB", or why it cannot be computed.
struct TermNeedsText {
    QString text;
    bool problem = false;
    bool operator==(const TermNeedsText&) const = default;
};

namespace form {

/// "From the answers", "From the features"
QString groupTitle(ObjectiveGroup group);

/// "each stage, before the activation"; empty for those of the answers.
QString defaultTaps(const ObjectiveEntry& entry);

/// What the objective needs whatever the networks are: heading and words.
std::vector<std::pair<QString, QString>> needsOf(const ObjectiveEntry& entry);

/// Temperature, T² and the weights it starts with: "labels 0.1 · teacher 0.9 · T 4".
QString defaultsOf(const ObjectiveEntry& entry);

/// All about one objective, for a text view: sentence, definition, paper, defaults, needs.
QString objectiveHtml(const ObjectiveEntry& entry, const TermNeedsText& needs, const QPalette& palette);

/// Options with their defaults; those of the answer's term without temperature and T², which have fields of
/// their own.
std::vector<OptionEntry> optionsOf(const ObjectiveEntry& entry, bool with_temperature);

} // namespace form

} // namespace limbeck
