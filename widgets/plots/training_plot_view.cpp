// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

#include <QContextMenuEvent>
#include <QEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QStackedLayout>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <qcustomplot.h>

#include "widgets/plots/training_plot_impl.h"

namespace limbeck {

TrainingPlot::Impl::Impl(TrainingPlot& plot, const QString& title_text, const QString& y_text,
                         PlotUnit plot_unit)
    : q(plot)
    , title(title_text)
    , y_label(y_text)
    , x_label(TrainingPlot::tr("step"))
    , empty_text(TrainingPlot::tr("Press Start (Ctrl+R) to train; curves appear here"))
    , unit(plot_unit)
    , header(new PlotHeader(title_text, &plot))
    , legend(new LegendBar(&plot))
    , stage(new QWidget(&plot))
    , sheet(std::make_unique<CurveSheet>(plot_unit, stage))
    , overlay(new CrosshairOverlay(stage))
    , navigation(*this) {
    auto* column = new QVBoxLayout(&q);
    column->setContentsMargins(style::grid, style::grid / 2, style::grid, style::grid / 2);
    column->setSpacing(2);
    column->addWidget(header);
    column->addWidget(legend);
    column->addWidget(stage, 1);
    auto* layers = new QStackedLayout(stage);
    layers->setStackingMode(QStackedLayout::StackAll);
    layers->setContentsMargins(0, 0, 0, 0);
    layers->addWidget(sheet->widget());
    layers->addWidget(overlay);
    layers->setCurrentWidget(overlay);

    QWidget* canvas = sheet->widget();
    canvas->setMouseTracking(true);
    canvas->setFocusPolicy(Qt::StrongFocus);
    canvas->setAccessibleName(title);
    canvas->setAccessibleDescription(
        TrainingPlot::tr("Plot over steps. Plus and minus zoom, arrows move, F fits, "
                         "Shift with left and right reads values."));
    canvas->installEventFilter(&q);
    q.setFocusProxy(canvas);
    q.setAutoFillBackground(false);
    header->setLogVisible(unit == PlotUnit::value);
    header->setSmoothing(model.smoothing());
    applyPalette();
    sheet->setLabels(x_label, y_label);
    fitAxes();

    QCustomPlot& drawn = sheet->plot();
    QObject::connect(&drawn, &QCustomPlot::beforeReplot, &q, [this] { beforeReplot(); });
    QObject::connect(&drawn, &QCustomPlot::afterLayout, &q, [this] { sheet->update(model); });
    QObject::connect(&drawn, &QCustomPlot::afterReplot, &q, [this] { afterReplot(); });
    QObject::connect(header, &PlotHeader::fitClicked, &q, &TrainingPlot::fit);
    QObject::connect(header, &PlotHeader::quantityChosen, &q, &TrainingPlot::quantityChanged);
    QObject::connect(header, &PlotHeader::logToggled, &q, &TrainingPlot::setLogScale);
    QObject::connect(header, &PlotHeader::smoothingMoved, &q, [this](double weight) {
        if (weight == model.smoothing()) return;
        model.setSmoothing(weight); // not back to the slider: its positions are coarser than the weights
        schedule();
        emit q.smoothingChanged(weight);
    });
    QObject::connect(legend, &LegendBar::labelToggled, &q, &TrainingPlot::setLabelVisible);
    QObject::connect(legend, &LegendBar::runToggled, &q,
                     [this](const QString& key, bool on) { q.setRunVisible(key.toLongLong(), on); });
    QObject::connect(legend, &LegendBar::labelSolo, &q, [this](const QString& label) {
        for (const QString& each : model.labels())
            q.setLabelVisible(each, each == label);
    });
    QObject::connect(legend, &LegendBar::runSolo, &q, [this](const QString& key) {
        for (const auto& each : std::vector(model.runs()))
            q.setRunVisible(each.first, each.first == key.toLongLong());
    });
}

bool TrainingPlot::Impl::canDraw() const {
    return q.isVisible() && !q.window()->isMinimized() && !sheet->widget()->visibleRegion().isEmpty();
}

void TrainingPlot::Impl::schedule() {
    dirty = true;
    q.refresh();
}

void TrainingPlot::refresh() {
    if (impl_->dirty && impl_->canDraw()) impl_->sheet->plot().replot(QCustomPlot::rpQueuedReplot);
}

void TrainingPlot::Impl::updateLegend() {
    QVector<LegendBar::Entry> labels, runs;
    for (const QString& label : model.labels())
        labels.append(
            {label, label, lookOfLabel(label, model, q.palette()), !model.hidden_labels.contains(label)});
    if (model.runs().size() > 1)
        for (const auto& [run, name] : model.runs())
            runs.append({QString::number(run), name, lookOfRun(run, model, q.palette()),
                         !model.hidden_runs.contains(run)});
    legend->setEntries(labels, runs);
}

void TrainingPlot::Impl::applyPalette() {
    sheet->setColours(q.palette(), q.font());
    updateLegend();
}

std::optional<AxisRange> TrainingPlot::Impl::extentX() const {
    auto extent = model.extentX();
    for (const auto& other : linked) {
        if (!other) continue;
        const auto theirs = other->impl_->model.extentX();
        if (!theirs) continue;
        extent = extent ? AxisRange(std::min(extent->first, theirs->first),
                                    std::max(extent->second, theirs->second))
                        : *theirs;
    }
    return extent;
}

void TrainingPlot::Impl::fitAxes() {
    const auto extent = extentX();
    const AxisRange before = sheet->x();
    if (!user_x) {
        double expected = expected_steps;
        for (const auto& other : linked)
            if (other) expected = std::max(expected, other->impl_->expected_steps);
        sheet->setX(fittedX(extent, expected));
    } else if (follow && extent) {
        const double span = before.second - before.first, upper = extent->second + 0.01 * span;
        sheet->setX({upper - span, upper});
    }
    const auto [x0, x1] = sheet->x();
    if (!user_y) {
        const AxisRange wanted =
            fittedY(model, x0, x1, unit, sheet->log(), std::max(100, sheet->area().width()));
        sheet->setY(fresh_y ? wanted : steadied(sheet->y(), wanted, sheet->log()));
        if (model.hasPoints()) fresh_y = false;
    }
    if (sheet->x() != before) emit q.xRangeChanged(x0, x1);
}

void TrainingPlot::Impl::moveX(const AxisRange& range) {
    double lower = range.first, upper = range.second;
    if (!std::isfinite(lower) || !std::isfinite(upper) || !(upper > lower)) return;
    const AxisRange all = fittedX(extentX(), expected_steps);
    // Not so far in or out that one is lost.
    const double span = std::clamp(upper - lower, 2.0, std::max(2.0, 2 * (all.second - all.first)));
    const double centre = (lower + upper) / 2;
    lower = std::clamp(centre - span / 2, all.first - 0.9 * span, all.second - 0.1 * span);
    upper = lower + span;
    sheet->setX({lower, upper});
    setUser(true, user_y);
    schedule();
    for (const auto& other : linked) {
        if (!other) continue;
        other->impl_->sheet->setX({lower, upper});
        other->impl_->setUser(true, other->impl_->user_y);
        other->impl_->schedule();
        emit other->xRangeChanged(lower, upper);
    }
    emit q.xRangeChanged(lower, upper);
}

void TrainingPlot::Impl::moveY(const AxisRange& range) {
    double lower = range.first, upper = range.second;
    if (!std::isfinite(lower) || !std::isfinite(upper) || !(upper > lower)) return;
    if (sheet->log()) {
        if (!(lower > 1e-30) || upper > 1e30 || upper / lower < 1.001) return;
    } else if (unit == PlotUnit::percent) {
        const double span = std::clamp(upper - lower, 1e-4, 1.0);
        lower = std::clamp((lower + upper - span) / 2, 0.0, 1.0 - span);
        upper = lower + span;
    } else if (upper - lower < 1e-9 * std::max(std::abs(lower), std::abs(upper)) || upper - lower > 1e12) {
        return;
    }
    sheet->setY({lower, upper});
    setUser(user_x, true);
    schedule();
}

void TrainingPlot::Impl::setUser(bool x, bool y) {
    const bool before = q.isZoomed();
    user_x = x;
    user_y = y;
    if (q.isZoomed() == before) return;
    header->setFitVisible(q.isZoomed());
    emit q.zoomedChanged(q.isZoomed());
}

void TrainingPlot::Impl::beforeReplot() {
    started = threadTime();
    sheet->setEmpty(!model.hasPoints());
    sheet->prepare();
    fitAxes();
    dirty = false;
}

void TrainingPlot::Impl::afterReplot() {
    ++replots;
    updateOverlay();
    cost += threadTime() - started;
}

bool TrainingPlot::isDirty() const {
    return impl_->dirty;
}

std::chrono::nanoseconds TrainingPlot::takeFrameCost() {
    return std::exchange(impl_->cost, std::chrono::nanoseconds{0});
}

int TrainingPlot::replotCount() const {
    return impl_->replots;
}

void TrainingPlot::Impl::showCrosshair(std::optional<double> step, std::optional<QPointF> at) {
    const std::optional<double> snapped = step ? model.nearestX(*step) : std::nullopt;
    const bool moved = snapped != crosshair_step;
    crosshair_step = snapped;
    cursor = at;
    updateOverlay();
    if (!moved) return;
    for (const auto& other : linked) {
        if (!other) continue;
        other->impl_->crosshair_step = snapped ? other->impl_->model.nearestX(*snapped) : std::nullopt;
        other->impl_->cursor.reset();
        other->impl_->updateOverlay();
    }
    emit q.crosshairMoved(snapped.value_or(std::numeric_limits<double>::quiet_NaN()));
}

void TrainingPlot::Impl::updateOverlay() {
    const QRectF area = sheet->area();
    overlay->setEmptyText(model.hasPoints() ? QString() : empty_text, area);
    // What was there may have been hidden or removed since.
    if (crosshair_step) crosshair_step = model.nearestX(*crosshair_step);
    const auto [x0, x1] = sheet->x();
    if (!crosshair_step || *crosshair_step < x0 || *crosshair_step > x1)
        return overlay->setCrosshair(std::nullopt);

    CrosshairOverlay::Crosshair crosshair;
    crosshair.x = sheet->pixelOfX(*crosshair_step);
    crosshair.area = area;
    crosshair.anchor = cursor.value_or(QPointF(crosshair.x, area.top()));
    crosshair.readout = readoutAt(model, *crosshair_step, unit, x_label, q.palette());
    for (const auto& each : model.series()) {
        if (each->store.empty() || !model.isVisible(*each) || each->spec.role == SeriesRole::flat) continue;
        const auto index = each->store.nearest(*crosshair_step);
        if (!index || each->store.point(*index).x != *crosshair_step) continue;
        const double y = each->store.smoothed(*index);
        if (!std::isfinite(y) || (sheet->log() && y <= 0)) continue;
        crosshair.dots.append({QPointF(crosshair.x, sheet->pixelOfY(y)), lookOf(*each, model, q.palette())});
    }
    overlay->setCrosshair(crosshair);
}

bool TrainingPlot::eventFilter(QObject* watched, QEvent* event) {
    QWidget* canvas = impl_ ? impl_->sheet->widget() : nullptr;
    if (!canvas || watched != canvas) return QWidget::eventFilter(watched, event);
    Navigation& navigation = impl_->navigation;
    switch (event->type()) {
    // QCustomPlot's own handlers do nothing without interactions but look for what lies under the mouse.
    case QEvent::MouseButtonPress:
        return navigation.press(static_cast<QMouseEvent&>(*event));
    case QEvent::MouseMove:
        return navigation.move(static_cast<QMouseEvent&>(*event));
    case QEvent::MouseButtonRelease:
        return navigation.release(static_cast<QMouseEvent&>(*event));
    case QEvent::MouseButtonDblClick:
        return navigation.doubleClick(static_cast<QMouseEvent&>(*event));
    case QEvent::Wheel:
        return navigation.wheel(static_cast<QWheelEvent&>(*event));
    case QEvent::KeyPress:
        return navigation.key(static_cast<QKeyEvent&>(*event));
    case QEvent::ContextMenu:
        // QCustomPlot sets WA_NoMousePropagation, which keeps this event from us as well.
        contextMenuEvent(static_cast<QContextMenuEvent*>(event));
        return true;
    case QEvent::Leave:
        impl_->showCrosshair(std::nullopt, std::nullopt);
        return false;
    case QEvent::FocusIn: {
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        impl_->overlay->setFocusFrame(reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason);
        return false;
    }
    case QEvent::FocusOut:
        impl_->overlay->setFocusFrame(false);
        return false;
    case QEvent::ToolTip: {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto mark = impl_->sheet->marks().at(help->pos());
        mark ? QToolTip::showText(help->globalPos(), mark->tooltip.isEmpty() ? mark->label : mark->tooltip,
                                  canvas)
             : QToolTip::hideText();
        return true;
    }
    case QEvent::Paint: {
        // Through the filter once more, to see what it costs.
        const auto before = threadTime();
        canvas->removeEventFilter(this);
        static_cast<QObject*>(canvas)->event(event);
        canvas->installEventFilter(this);
        impl_->cost += threadTime() - before;
        return true;
    }
    default:
        return false;
    }
}

void TrainingPlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (!impl_) return;
    switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::FontChange:
    case QEvent::StyleChange:
        impl_->applyPalette();
        impl_->schedule();
        break;
    default:
        break;
    }
}

void TrainingPlot::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    // The layout has not given the canvas its size yet; its first resize draws.
    impl_->dirty = true;
    QMetaObject::invokeMethod(this, &TrainingPlot::refresh, Qt::QueuedConnection);
}

} // namespace limbeck
