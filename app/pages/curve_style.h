// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "backend/types/run.h"
#include "widgets/plots/plot_spec.h"

namespace limbeck {

enum class PlotKind { loss, agreement };

/// What the loss plot shows of each term.
enum class LossView {
    weighted,    ///< as it enters the total, with the total
    raw,         ///< before its weight
    share,       ///< of the length of the loss's gradient, in percent: is a weight too large?
    temperature, ///< learned ones, where an objective has one
};

/// One curve of the two plots: whose points it shows and how it looks.
struct Curve {
    PlotKind plot = PlotKind::loss;
    RunId source = 0;   ///< run that the points come from (the student alone has a run of its own)
    std::string series; ///< "validation/accuracy"
    SeriesSpec spec;
    double scale = 1; ///< what its points are multiplied with
};

/// Runs whose curves belong to the picture of one run.
struct CurveContext {
    RunRecord run;
    RunId baseline = 0; ///< of the student alone; 0: none
    RunId teacher = 0;  ///< whose validation accuracy is the flat line; 0: the run's own series
};

/// The curves of the run that is looked at.
std::vector<Curve> curves_of(const CurveContext& context, LossView view = LossView::weighted);
/// The fewer curves of a run that is overlaid for comparison.
std::vector<Curve> overlay_curves_of(const RunRecord& run);

/// Stages and warm-ups of a run, in steps.
QVector<PhaseBand> bands_of(const RunRecord& run);

/// "T 4→8", and the sentence of its tooltip.
EventMark mark_of(const RunEvent& event);

} // namespace limbeck
