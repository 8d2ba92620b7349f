// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/curve_board.h"

#include <algorithm>

#include "widgets/plots/training_plot.h"

namespace limbeck {

namespace {

std::vector<MetricPoint> scaled(std::vector<MetricPoint> points, double scale) {
    if (scale == 1) return points;
    for (MetricPoint& point : points) {
        point.mean *= scale;
        point.minimum *= static_cast<float>(scale);
        point.maximum *= static_cast<float>(scale);
    }
    return points;
}

} // namespace

CurveBoard::CurveBoard(TrainingPlot& loss, TrainingPlot& agreement, QObject* parent)
    : QObject(parent), loss_(loss), agreement_(agreement) {}

void CurveBoard::setSession(Session* session) {
    session_ = session;
    runs_.clear();
    overlaid_.clear();
    events_.clear();
    shown_ = 0;
    rebuild();
}

void CurveBoard::setRuns(const std::map<RunId, RunRecord>& runs) {
    const auto contextBefore = shown_ && runs_.count(shown_) ? contextOf(runs_.at(shown_)) : CurveContext{};
    runs_ = runs;
    if (shown_ && !runs_.count(shown_)) shown_ = 0;
    const bool overlaidGone = std::erase_if(overlaid_, [&](RunId run) { return !runs_.count(run); }) > 0;
    const auto context = shown_ ? contextOf(runs_.at(shown_)) : CurveContext{};
    const bool sameCurves = context.run.id == contextBefore.run.id &&
                            context.baseline == contextBefore.baseline &&
                            context.teacher == contextBefore.teacher;
    if (!sameCurves || overlaidGone) {
        rebuild();
    } else if (shown_) {
        // A run learns its number of steps when it begins; the bands are in steps.
        const RunRecord& run = runs_.at(shown_);
        for (TrainingPlot* plot : {&loss_, &agreement_}) {
            plot->setExpectedSteps(static_cast<double>(run.total_steps));
            plot->setPhaseBands(shown_, bands_of(run));
        }
    }
}

void CurveBoard::setLossView(LossView view) {
    if (view == view_) return;
    view_ = view;
    rebuild();
}

void CurveBoard::showRun(RunId run) {
    if (run == shown_) return;
    shown_ = runs_.count(run) ? run : 0;
    rebuild();
}

void CurveBoard::setOverlaid(RunId run, bool overlaid) {
    const bool changed = overlaid ? overlaid_.insert(run).second : overlaid_.erase(run) > 0;
    if (changed) rebuild();
}

TrainingPlot* CurveBoard::plotOf(PlotKind kind) {
    return kind == PlotKind::loss ? &loss_ : &agreement_;
}

QString CurveBoard::nameOf(RunId run) const {
    const auto found = runs_.find(run);
    return found == runs_.end() ? QString() : QString::fromStdString(found->second.name);
}

CurveContext CurveBoard::contextOf(const RunRecord& run) const {
    CurveContext context{run, run.baseline.value_or(0), run.teacher.value_or(0)};
    for (const auto& [id, other] : runs_) {
        if (other.group != run.group || id == run.id) continue;
        // An assistant is another network than the student: who is its like, its own record says.
        if (other.role == Role::baseline && !context.baseline && run.role != Role::assistant)
            context.baseline = id;
        if (other.role == Role::teacher && !context.teacher) context.teacher = id;
    }
    return context;
}

void CurveBoard::rebuild() {
    targets_.clear();
    for (TrainingPlot* plot : {&loss_, &agreement_}) {
        for (const RunId run : drawn_)
            plot->removeRun(run);
        plot->setExpectedSteps(0);
    }
    drawn_.clear();
    events_.clear();
    if (!session_) return;

    drawn_ = overlaid_;
    if (shown_) drawn_.insert(shown_);
    for (const RunId run : drawn_) {
        const auto found = runs_.find(run);
        if (found == runs_.end()) continue;
        const bool main = run == shown_;
        addCurves(main ? curves_of(contextOf(found->second), view_) : overlay_curves_of(found->second),
                  QString::number(run));
        for (TrainingPlot* plot : {&loss_, &agreement_})
            plot->setRunName(run, nameOf(run));
        for (TrainingPlot* plot : {&loss_, &agreement_})
            plot->setPhaseBands(run, bands_of(found->second));
        loadMarks(run);
    }
    const auto steps = shown_ ? static_cast<double>(runs_.at(shown_).total_steps) : 0.0;
    for (TrainingPlot* plot : {&loss_, &agreement_}) {
        plot->setCurrentRun(shown_);
        plot->setExpectedSteps(steps);
        plot->refresh();
    }
}

void CurveBoard::addCurves(const std::vector<Curve>& curves, const QString& prefix) {
    for (const Curve& curve : curves) {
        TrainingPlot* plot = plotOf(curve.plot);
        const QString id =
            QStringLiteral("%1:%2/%3")
                .arg(prefix, QString::number(curve.source), QString::fromStdString(curve.series));
        plot->addSeries(id, curve.spec);
        targets_[{curve.source, curve.series}].push_back({plot, id, curve.scale});
        if (const auto points = session_->points(curve.source, curve.series)) {
            plot->setPoints(id, scaled(*points, curve.scale));
        }
    }
}

void CurveBoard::loadMarks(RunId run) {
    if (auto events = session_->events(run)) events_[run] = std::move(*events);
    showMarks(run);
}

void CurveBoard::showMarks(RunId run) {
    QVector<EventMark> marks;
    for (const RunEvent& event : events_[run])
        marks.push_back(mark_of(event));
    loss_.setEventMarks(run, marks);
    agreement_.setEventMarks(run, marks);
}

void CurveBoard::feed(const Feed& feed) {
    for (const SeriesUpdate& update : feed.series) {
        const auto found = targets_.find({update.run, update.series});
        if (found == targets_.end()) continue;
        for (const Target& target : found->second)
            target.plot->append(target.id, scaled(update.points, target.scale));
    }
    std::set<RunId> marked;
    for (const RunEvent& event : feed.events) {
        const auto known = events_.find(event.run);
        if (known == events_.end()) continue;
        std::vector<RunEvent>& events = known->second;
        const auto same = std::find_if(events.begin(), events.end(),
                                       [&](const RunEvent& other) { return other.id == event.id; });
        if (same == events.end()) {
            events.push_back(event);
        } else {
            *same = event;
        }
        marked.insert(event.run);
    }
    for (const RunId run : marked)
        showMarks(run);
}

} // namespace limbeck
