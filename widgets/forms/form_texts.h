// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string_view>

#include "backend/types/fields.h"

/// The words of the form, made from the table of settings and the catalogue.
namespace limbeck::form {

inline QString text(std::string_view words) {
    return QString::fromUtf8(words.data(), static_cast<qsizetype>(words.size()));
}

/// "Batch size (samples)"; the unit only where it is not the label itself ("Epochs").
QString label(const Field& field);
/// The sentence, and the key small under it, for those who go on with the command line.
QString tooltip(const Field& field);
/// "sgd" → "SGD", "kd" → "Knowledge distillation"; a word without a title is its own.
QString choiceTitle(std::string_view key, std::string_view choice);
/// A sentence on one choice; may be empty.
QString choiceTooltip(std::string_view key, std::string_view choice);
/// "Batch size: found 0; a whole number from 1 to 65536 is right."
QString reason(const Problem& problem);

} // namespace limbeck::form
