// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plot_model.h"

#include <algorithm>
#include <cmath>

namespace limbeck {

Series& PlotModel::add(const QString& id, const SeriesSpec& spec) {
    const bool known_label = labels().contains(spec.label);
    Series* series = find(id);
    if (!series) {
        series_.push_back(std::make_unique<Series>());
        series = series_.back().get();
        series->id = id;
    }
    series->spec = spec;
    series->store.setSmoothing(spec.role == SeriesRole::raw ? smoothing_ : 0);
    if (!known_label && !spec.visible) hidden_labels.insert(spec.label);
    return *series;
}

const Series* PlotModel::find(const QString& id) const {
    const auto at =
        std::find_if(series_.begin(), series_.end(), [&](const auto& each) { return each->id == id; });
    return at == series_.end() ? nullptr : at->get();
}

Series* PlotModel::find(const QString& id) {
    return const_cast<Series*>(std::as_const(*this).find(id));
}

void PlotModel::append(Series& series, std::span<const MetricPoint> points) {
    for (const MetricPoint& point : points)
        series.store.append(static_cast<double>(point.step), point.mean, point.minimum, point.maximum);
}

void PlotModel::remove(const QString& id) {
    std::erase_if(series_, [&](const auto& each) { return each->id == id; });
}

void PlotModel::removeRun(RunId run) {
    std::erase_if(series_, [&](const auto& each) { return each->spec.run == run; });
    std::erase_if(runs_, [&](const auto& each) { return each.first == run; });
    marks.remove(run);
    bands.remove(run);
    hidden_runs.remove(run);
    if (current_ == run) current_ = 0;
}

void PlotModel::clear() {
    series_.clear();
    runs_.clear();
    marks.clear();
    bands.clear();
    hidden_labels.clear();
    hidden_runs.clear();
    current_ = 0;
}

QStringList PlotModel::labels() const {
    QStringList result;
    for (const auto& each : series_)
        if (!result.contains(each->spec.label)) result.append(each->spec.label);
    return result;
}

QStringList PlotModel::details() const {
    QStringList result;
    for (const auto& each : series_)
        if (!each->spec.detail.isEmpty() && !result.contains(each->spec.detail))
            result.append(each->spec.detail);
    return result;
}

void PlotModel::setRunName(RunId run, const QString& name) {
    for (auto& each : runs_) {
        if (each.first != run) continue;
        each.second = name;
        return;
    }
    runs_.emplace_back(run, name);
}

QString PlotModel::runName(RunId run) const {
    for (const auto& each : runs_)
        if (each.first == run) return each.second;
    return {};
}

int PlotModel::overlayIndex(RunId run) const {
    int index = 0;
    for (const auto& each : runs_) {
        if (each.first == run) break;
        if (!isCurrent(each.first)) ++index;
    }
    return index;
}

bool PlotModel::isVisible(const Series& series) const {
    return !hidden_labels.contains(series.spec.label) && !hidden_runs.contains(series.spec.run);
}

QVector<EventMark> PlotModel::visibleMarks() const {
    QVector<EventMark> result;
    for (auto at = marks.begin(); at != marks.end(); ++at)
        if (!hidden_runs.contains(at.key())) result += at.value();
    std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    return result;
}

void PlotModel::setSmoothing(double weight) {
    smoothing_ = std::clamp(weight, 0.0, 0.999);
    for (const auto& each : series_)
        if (each->spec.role == SeriesRole::raw) each->store.setSmoothing(smoothing_);
}

bool PlotModel::hasPoints() const {
    return std::any_of(series_.begin(), series_.end(), [](const auto& each) { return !each->store.empty(); });
}

std::optional<std::pair<double, double>> PlotModel::extentX() const {
    std::optional<std::pair<double, double>> result;
    for (const auto& each : series_) {
        if (each->store.empty() || each->spec.role == SeriesRole::flat || !isVisible(*each)) continue;
        const double first = each->store.point(0).x, last = each->store.point(each->store.size() - 1).x;
        result = result ? std::pair(std::min(result->first, first), std::max(result->second, last))
                        : std::pair(first, last);
    }
    return result;
}

std::optional<double> PlotModel::nearestX(double x) const {
    std::optional<double> best;
    for (const auto& each : series_) {
        if (each->spec.role == SeriesRole::flat || !isVisible(*each)) continue;
        const auto index = each->store.nearest(x);
        if (!index) continue;
        const double candidate = each->store.point(*index).x;
        if (!best || std::abs(candidate - x) < std::abs(*best - x)) best = candidate;
    }
    return best;
}

} // namespace limbeck
