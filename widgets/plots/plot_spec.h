// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include <QColor>
#include <QString>

#include "backend/types/run.h"
#include "widgets/style/palette.h"

/// The values that describe what a plot shows.
namespace limbeck {

enum class SeriesRole {
    raw,  ///< many noisy points (training): thin and pale, a smoothed line over it
    full, ///< few points that each count (validation): full colour with markers, never smoothed
    flat, ///< one value (the teacher's accuracy): its last value as a dashed line over the whole width
};

/// How the y axis reads its values.
enum class PlotUnit {
    value,   ///< losses: four significant digits, fitted robustly
    percent, ///< fractions 0 … 1, shown as 0 … 100, never fitted beyond
};

struct SeriesSpec {
    QString label;  ///< of the legend's entry; series of one label share it and are toggled together
    QString detail; ///< "training", "validation": a column of the read-out; may be empty
    style::Meaning meaning = style::Meaning::total;
    std::optional<style::Meaning> outline; ///< a rim in a second colour (agreement: the teacher's)
    std::optional<QColor> colour;          ///< instead of the meaning's; does not follow the palette
    std::optional<Qt::PenStyle> line;      ///< instead of the meaning's
    std::optional<style::Marker> marker;   ///< instead of the meaning's
    double width = 1.75;                   ///< of the full or smoothed line, device-independent pixels
    SeriesRole role = SeriesRole::raw;
    RunId run = 0; ///< overlaid runs other than the current one are drawn lighter and with their own dashes
    bool visible = true; ///< at the start; a legend entry that is there already wins
};

/// A change of a run by hand at a step: a dashed vertical line with a small label.
struct EventMark {
    double x = 0;
    QString label;   ///< short: "T 4→8"
    QString tooltip; ///< long: "Temperature changed from 4 to 8 before step 3,412"
    RunId run = 0;
    bool operator==(const EventMark&) const = default;
};

/// A stretch of steps in which the loss is another than afterwards: a pale band behind the curves, its name
/// at the edge.
struct PhaseBand {
    double first = 0, last = 0; ///< steps
    QString label;              ///< "initial stage", "warm-up of dkd"
    bool operator==(const PhaseBand&) const = default;
};

} // namespace limbeck
