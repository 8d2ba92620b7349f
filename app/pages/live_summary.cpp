// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/live_summary.h"

namespace limbeck {

bool LiveSummary::absorb(RunId run, const std::vector<SeriesUpdate>& updates) {
    bool changed = false;
    // Accuracy first: it decides which epoch is the best one that the others are read at.
    for (const SeriesUpdate& update : updates) {
        if (update.run != run || update.points.empty()) continue;
        if (update.series != "validation/accuracy") continue;
        absorbAccuracy(update.points);
        changed = true;
    }
    for (const SeriesUpdate& update : updates) {
        if (update.run != run || update.points.empty()) continue;
        if (update.series.starts_with(series::train)) continue;
        absorbRest(update);
        changed = true;
    }
    return changed;
}

void LiveSummary::absorbAccuracy(const std::vector<MetricPoint>& points) {
    for (const MetricPoint& point : points) {
        values_.last_accuracy = point.mean;
        ++epochsSeen_;
        if (values_.best_accuracy && point.mean <= *values_.best_accuracy) continue;
        values_.best_accuracy = point.mean;
        values_.best_epoch = epochsSeen_;
        bestStep_ = point.step;
    }
}

void LiveSummary::absorbRest(const SeriesUpdate& update) {
    const double last = update.points.back().mean;
    if (update.series == "validation/agreement") {
        values_.last_agreement = last;
        for (const MetricPoint& point : update.points) {
            if (point.step == bestStep_) values_.best_agreement = point.mean;
        }
    } else if (update.series == "validation/teacher_accuracy") {
        values_.teacher_accuracy = last;
    } else if (update.series == "test/accuracy") {
        values_.test_accuracy = last;
        for (const MetricPoint& point : update.points) {
            if (point.step == bestStep_) values_.best_test_accuracy = point.mean;
        }
    } else if (update.series == "test/agreement") {
        values_.test_agreement = last;
    } else if (update.series == "test/teacher_accuracy") {
        values_.test_teacher_accuracy = last;
    }
}

} // namespace limbeck
