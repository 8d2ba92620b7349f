// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSharedPointer>

#include "widgets/plots/plot_spec.h"

class QCPAxisTicker;

namespace limbeck {

/// Whole steps with thousands separators.
QSharedPointer<QCPAxisTicker> stepTicker(int count);
/// Values with as many decimals as the distance of the ticks needs; percentages as 0 … 100.
QSharedPointer<QCPAxisTicker> valueTicker(PlotUnit unit, int count);
/// 1, 2, 5 … of each decade on short ranges, decades on long ones, so that there are always some ticks to
/// read.
QSharedPointer<QCPAxisTicker> logTicker(PlotUnit unit, int count);

} // namespace limbeck
