// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "widgets/plots/plot_model.h"

namespace limbeck {

using AxisRange = std::pair<double, double>;

/// Steps to show: from the first (0 if that is near) to the last, or to `expected` where that is farther.
AxisRange fittedX(const std::optional<AxisRange>& extent, double expected);

/// Values to show over x0 … x1, a stranger's first look: every point of the full and flat series but those of
/// an untrained network (the first of many, and the first twentieth of many raw ones); of a
/// smoothed line all but the highest per cent when that is far off (the spike of the first steps); of
/// raw traces the middle nine tenths. Losses that are never negative start no lower than 0; percentages never
/// leave 0 … 1. `pixels`: columns to look at the curves in; those of the picture make it cheapest.
AxisRange fittedY(const PlotModel& model, double x0, double x1, PlotUnit unit, bool log, int pixels = 400);

/// `wanted`, or `current` while that still holds all of it and wastes little: an axis that moves with every
/// frame cannot be read.
AxisRange steadied(const AxisRange& current, const AxisRange& wanted, bool log);

} // namespace limbeck
