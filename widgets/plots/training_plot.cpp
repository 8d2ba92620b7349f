// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/training_plot.h"

#include <algorithm>

#include <QVBoxLayout>

#include "widgets/plots/training_plot_impl.h"

namespace limbeck {

TrainingPlot::TrainingPlot(const QString& title, const QString& yLabel, PlotUnit unit, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, title, yLabel, unit)) {}

// Children that call back go first.
TrainingPlot::~TrainingPlot() {
    impl_->sheet->widget()->removeEventFilter(this);
    impl_->sheet->widget()->disconnect(this);
}

QString TrainingPlot::title() const {
    return impl_->title;
}

void TrainingPlot::setXLabel(const QString& label) {
    impl_->x_label = label;
    impl_->sheet->setLabels(label, impl_->y_label);
    impl_->schedule();
}

void TrainingPlot::setEmptyText(const QString& text) {
    impl_->empty_text = text;
    impl_->updateOverlay();
}

void TrainingPlot::setLogToggleVisible(bool visible) {
    impl_->header->setLogVisible(visible);
}

void TrainingPlot::setSmoothingVisible(bool visible) {
    impl_->header->setSmoothVisible(visible);
}

// --- series
// ---------------------------------------------------------------------------------------------------------

void TrainingPlot::addSeries(const QString& id, const SeriesSpec& spec) {
    impl_->model.add(id, spec);
    impl_->dirty = true;
    impl_->updateLegend();
}

bool TrainingPlot::hasSeries(const QString& id) const {
    return impl_->model.find(id) != nullptr;
}

QStringList TrainingPlot::seriesIds() const {
    QStringList ids;
    for (const auto& each : impl_->model.series())
        ids.append(each->id);
    return ids;
}

void TrainingPlot::append(const QString& id, std::span<const MetricPoint> points) {
    Series* series = impl_->model.find(id);
    if (!series || points.empty()) return;
    impl_->model.append(*series, points);
    impl_->dirty = true;
}

void TrainingPlot::setPoints(const QString& id, std::span<const MetricPoint> points) {
    Series* series = impl_->model.find(id);
    if (!series) return;
    series->store.clear();
    impl_->model.append(*series, points);
    impl_->dirty = true;
}

std::size_t TrainingPlot::pointCount(const QString& id) const {
    const Series* series = impl_->model.find(id);
    return series ? series->store.size() : 0;
}

void TrainingPlot::removeSeries(const QString& id) {
    impl_->model.remove(id);
    impl_->dirty = true;
    impl_->updateLegend();
}

void TrainingPlot::removeRun(RunId run) {
    impl_->model.removeRun(run);
    impl_->dirty = true;
    impl_->updateLegend();
}

void TrainingPlot::clear() {
    impl_->model.clear();
    impl_->expected_steps = 0;
    impl_->setUser(false, false);
    impl_->fresh_y = true;
    clearCrosshair();
    impl_->updateLegend();
    impl_->schedule();
}

// --- runs and legend
// ------------------------------------------------------------------------------------------------

void TrainingPlot::setRunName(RunId run, const QString& name) {
    impl_->model.setRunName(run, name);
    impl_->dirty = true;
    impl_->updateLegend();
}

void TrainingPlot::setCurrentRun(RunId run) {
    impl_->model.setCurrentRun(run);
    impl_->dirty = true;
    impl_->updateLegend();
}

bool TrainingPlot::isLabelVisible(const QString& label) const {
    return !impl_->model.hidden_labels.contains(label);
}

void TrainingPlot::setLabelVisible(const QString& label, bool visible) {
    if (isLabelVisible(label) == visible) return;
    visible ? void(impl_->model.hidden_labels.remove(label)) : void(impl_->model.hidden_labels.insert(label));
    impl_->updateLegend();
    impl_->schedule();
    emit labelToggled(label, visible);
}

bool TrainingPlot::isSeriesVisible(const QString& id) const {
    const Series* series = impl_->model.find(id);
    return series && impl_->model.isVisible(*series);
}

bool TrainingPlot::isRunVisible(RunId run) const {
    return !impl_->model.hidden_runs.contains(run);
}

void TrainingPlot::setRunVisible(RunId run, bool visible) {
    if (isRunVisible(run) == visible) return;
    visible ? void(impl_->model.hidden_runs.remove(run)) : void(impl_->model.hidden_runs.insert(run));
    impl_->updateLegend();
    impl_->schedule();
    emit runToggled(run, visible);
}

// --- marks
// ----------------------------------------------------------------------------------------------------------

void TrainingPlot::setEventMarks(RunId run, const QVector<EventMark>& marks) {
    if (impl_->model.marks.value(run) == marks) return;
    impl_->model.marks[run] = marks;
    impl_->dirty = true;
}

QVector<EventMark> TrainingPlot::eventMarks() const {
    return impl_->model.visibleMarks();
}

void TrainingPlot::setPhaseBands(RunId run, const QVector<PhaseBand>& bands) {
    if (impl_->model.bands.value(run) == bands) return;
    impl_->model.bands[run] = bands;
    impl_->dirty = true;
}

QVector<PhaseBand> TrainingPlot::phaseBands() const {
    return impl_->model.bands.value(impl_->model.currentRun());
}

// --- quantities
// -----------------------------------------------------------------------------------------------------

void TrainingPlot::setQuantities(const QStringList& names, const QString& tooltip) {
    impl_->header->setQuantities(names, tooltip);
}

void TrainingPlot::setQuantity(int index) {
    impl_->header->setQuantity(index);
}

int TrainingPlot::quantity() const {
    return impl_->header->quantity();
}

void TrainingPlot::setYLabel(const QString& label) {
    impl_->y_label = label;
    impl_->sheet->setLabels(impl_->x_label, label);
    impl_->fresh_y = true; // another quantity: the axis is fitted anew
    fit();
    impl_->schedule();
}

// --- view
// -----------------------------------------------------------------------------------------------------------

TrainingPlot::Range TrainingPlot::xRange() const {
    const auto [lower, upper] = impl_->sheet->x();
    return {lower, upper};
}

TrainingPlot::Range TrainingPlot::yRange() const {
    const auto [lower, upper] = impl_->sheet->y();
    return {lower, upper};
}

bool TrainingPlot::isZoomed() const {
    return impl_->user_x || impl_->user_y;
}

void TrainingPlot::setExpectedSteps(double steps) {
    if (steps == impl_->expected_steps) return;
    impl_->expected_steps = steps;
    impl_->dirty = true;
}

void TrainingPlot::linkX(TrainingPlot* other) {
    if (!other || other == this) return;
    const auto link = [](TrainingPlot& from, TrainingPlot& to) {
        if (&from != &to && !from.impl_->linked.contains(QPointer<TrainingPlot>(&to)))
            from.impl_->linked.append(QPointer<TrainingPlot>(&to));
    };
    QVector<QPointer<TrainingPlot>> group{this, other};
    group += impl_->linked;
    group += other->impl_->linked;
    for (const auto& a : group)
        for (const auto& b : group)
            if (a && b) link(*a, *b);
    impl_->schedule();
}

bool TrainingPlot::logScale() const {
    return impl_->sheet->log();
}

double TrainingPlot::smoothing() const {
    return impl_->model.smoothing();
}

bool TrainingPlot::follow() const {
    return impl_->follow;
}

QString TrainingPlot::crosshairText() const {
    const auto& crosshair = impl_->overlay->crosshair();
    return crosshair ? crosshair->readout.text() : QString();
}

void TrainingPlot::fit() {
    impl_->fresh_y = true;
    impl_->setUser(false, false);
    for (const auto& other : impl_->linked) {
        if (!other) continue;
        other->impl_->setUser(false, other->impl_->user_y);
        other->impl_->schedule();
    }
    impl_->fitAxes();
    impl_->schedule();
}

void TrainingPlot::setXRange(double lower, double upper) {
    impl_->moveX({lower, upper});
}

void TrainingPlot::setYRange(double lower, double upper) {
    impl_->moveY({lower, upper});
}

void TrainingPlot::setLogScale(bool on) {
    if (on == logScale()) return;
    impl_->sheet->setLog(on);
    impl_->header->setLog(on);
    impl_->fresh_y = true;
    impl_->setUser(impl_->user_x, false); // a range of the one scale says nothing on the other
    impl_->fitAxes();
    impl_->schedule();
    emit logScaleChanged(on);
}

void TrainingPlot::setSmoothing(double weight) {
    weight = std::clamp(weight, 0.0, 0.999);
    if (weight == smoothing()) return;
    impl_->model.setSmoothing(weight);
    impl_->header->setSmoothing(weight);
    impl_->schedule();
    emit smoothingChanged(weight);
}

void TrainingPlot::setFollow(bool on) {
    impl_->follow = on;
    impl_->schedule();
}

void TrainingPlot::setCrosshair(double x) {
    impl_->showCrosshair(x, std::nullopt);
}

void TrainingPlot::clearCrosshair() {
    impl_->showCrosshair(std::nullopt, std::nullopt);
}

QSize TrainingPlot::minimumSizeHint() const {
    return {360, 150};
}

QSize TrainingPlot::sizeHint() const {
    return {720, 280};
}

} // namespace limbeck
