// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/error.h"

namespace limbeck {

using FieldValue = std::variant<bool, std::int64_t, double, std::string>;

/// The last three are lists, given as text in their short forms (see config.h).
enum class FieldKind { boolean, integer, real, choice, dataset, network, networks, terms, options };

/// One setting: its key in files and on the command line, and all that a form needs to show it.
/// The one table of these drives --set, JSON, the form, the check and the lists of differences.
struct Field {
    std::string_view key;     ///< "training.batch_size"
    std::string_view label;   ///< "Batch size"
    std::string_view unit;    ///< "samples", "epochs", "pixels", ""; shown in the label
    std::string_view tooltip; ///< one sentence: what the knob does
    FieldKind kind = FieldKind::real;
    double minimum = 0, maximum = 0;       ///< inclusive; integer and real
    std::vector<std::string_view> choices; ///< choice
    bool open_choice = false;              ///< other texts are possible too (device: cuda:N)
    bool live = false;                     ///< may change while a run is on
    std::string_view zero; ///< word for 0 where it stands for something ("automatic"); else empty
    FieldValue (*get)(const ExperimentConfig&) = nullptr;
    /// Sets without a range check (see check()); dataset and network parse their short form.
    Result<void> (*set)(ExperimentConfig&, const FieldValue&) = nullptr;
};

/// Every setting, in the order of the form. Built once, never changes.
std::span<const Field> fields();

/// nullptr if there is no such key.
const Field* find_field(std::string_view key);

/// The known key nearest to a mistyped one (edit distance).
std::string_view nearest_key(std::string_view key);

/// "key=value" of the command line: parses by the field's kind, independent of the locale, checks
/// the field's own range. Errors name the key, what was found and what would be right.
Result<void> set_field(ExperimentConfig& config, std::string_view key, std::string_view text);

/// The value as --set would take it; numbers in their shortest exact form.
std::string field_text(const ExperimentConfig& config, std::string_view key);

struct Problem {
    std::string key;     ///< field to mend
    std::string message; ///< why, and what would be right
    bool operator==(const Problem&) const = default;
};

/// Everything that is wrong with a configuration and can be known without data or engine: ranges,
/// names, combinations. Empty if it may be started.
std::vector<Problem> check(const ExperimentConfig& config);

/// check() as an error for the command line; names the first problem and counts the others.
Result<void> require_valid(const ExperimentConfig& config);

struct Difference {
    std::string key, from, to;
    bool operator==(const Difference&) const = default;
};

/// Settings in which two configurations differ, in the order of fields().
std::vector<Difference> differences(const ExperimentConfig& from, const ExperimentConfig& to);

} // namespace limbeck
