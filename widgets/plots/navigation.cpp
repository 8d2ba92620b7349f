// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/navigation.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include "widgets/plots/training_plot_impl.h"

namespace limbeck {
namespace {

constexpr double wheel_factor = 0.85; // of the range, a notch
constexpr double key_factor = 0.7;
constexpr double key_pan = 0.1;       // of the area, a key press
constexpr double vertical_reach = 10; // pixels before a drag moves y too

} // namespace

Navigation::Axes Navigation::axesAt(QPointF position) const {
    const QRectF area = plot_.sheet->area();
    if (area.contains(position)) return {true, true};
    if (position.y() > area.bottom() && position.x() >= area.left()) return {true, false};
    if (position.x() < area.left() && position.y() <= area.bottom()) return {false, true};
    return {};
}

bool Navigation::press(QMouseEvent& event) {
    const Axes axes = axesAt(event.position());
    if (event.button() != Qt::LeftButton || (!axes.x && !axes.y)) return false;
    drag_ = Drag{event.position(), event.position(), axes, false, !axes.x};
    return true;
}

bool Navigation::move(QMouseEvent& event) {
    if (!drag_ || !(event.buttons() & Qt::LeftButton)) {
        drag_.reset();
        const bool inside = QRectF(plot_.sheet->area()).contains(event.position());
        plot_.showCrosshair(inside ? std::optional(plot_.sheet->xAt(event.position().x())) : std::nullopt,
                            event.position());
        return true;
    }
    const QPointF travelled = event.position() - drag_->start;
    if (!drag_->moving) {
        if (travelled.manhattanLength() < QApplication::startDragDistance()) return true;
        drag_->moving = true;
        plot_.showCrosshair(std::nullopt, std::nullopt);
        plot_.sheet->widget()->setCursor(Qt::ClosedHandCursor);
    }
    if (drag_->axes.y && !drag_->vertical && std::abs(travelled.y()) > vertical_reach) drag_->vertical = true;
    const QPointF delta = event.position() - drag_->last;
    pan(drag_->axes.x ? delta.x() : 0, drag_->axes.y && drag_->vertical ? delta.y() : 0);
    drag_->last = event.position();
    return true;
}

bool Navigation::release(QMouseEvent& event) {
    if (event.button() != Qt::LeftButton || !drag_) return false;
    drag_.reset();
    plot_.sheet->widget()->unsetCursor();
    return true;
}

bool Navigation::doubleClick(QMouseEvent& event) {
    if (event.button() != Qt::LeftButton) return false;
    drag_.reset();
    plot_.q.fit();
    return true;
}

bool Navigation::wheel(QWheelEvent& event) {
    const Axes axes = axesAt(event.position());
    const QPoint angle = event.angleDelta();
    if ((!axes.x && !axes.y) || angle.isNull()) return false;
    // Alt makes a vertical wheel arrive as a horizontal one; touch pads send both.
    if (std::abs(angle.x()) > std::abs(angle.y())) {
        pan(angle.x() / 4.0, 0);
        return true;
    }
    const double factor = std::pow(wheel_factor, angle.y() / 120.0);
    const bool vertical = !axes.x || (axes.y && event.modifiers() & Qt::ControlModifier);
    if (vertical)
        zoomY(factor, event.position().y());
    else
        zoomX(factor, event.position().x());
    return true;
}

bool Navigation::key(QKeyEvent& event) {
    const QRectF area = plot_.sheet->area();
    const auto modifiers = event.modifiers() & ~Qt::KeypadModifier;
    const bool control =
        modifiers == Qt::ControlModifier || modifiers == (Qt::ControlModifier | Qt::ShiftModifier);
    // "+" is Shift and another key on many keyboards.
    const bool plain = modifiers == Qt::NoModifier, shift = modifiers == Qt::ShiftModifier;
    const auto zoom = [&](double factor) {
        control ? zoomY(factor, area.center().y()) : zoomX(factor, area.center().x());
    };
    switch (event.key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        if (!plain && !shift && !control) return false;
        zoom(key_factor);
        return true;
    case Qt::Key_Minus:
    case Qt::Key_Underscore:
        if (!plain && !shift && !control) return false;
        zoom(1 / key_factor);
        return true;
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int direction = event.key() == Qt::Key_Left ? -1 : 1;
        if (shift)
            stepCrosshair(direction);
        else if (plain)
            pan(-direction * key_pan * area.width(), 0);
        else
            return false;
        return true;
    }
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (!plain) return false;
        pan(0, (event.key() == Qt::Key_Up ? 1 : -1) * key_pan * area.height());
        return true;
    case Qt::Key_F:
    case Qt::Key_Home:
        if (!plain) return false;
        plot_.q.fit();
        return true;
    case Qt::Key_Escape:
        if (!plain || !plot_.crosshair_step) return false;
        plot_.q.clearCrosshair();
        return true;
    default:
        return false;
    }
}

void Navigation::zoomX(double factor, double pixel) {
    const auto [lower, upper] = plot_.sheet->x();
    const double centre = plot_.sheet->xAt(pixel);
    plot_.moveX({centre + (lower - centre) * factor, centre + (upper - centre) * factor});
}

void Navigation::zoomY(double factor, double pixel) {
    // In pixels, so that it is right on a logarithmic axis too.
    const QRectF area = plot_.sheet->area();
    plot_.moveY({plot_.sheet->yAt(pixel + (area.bottom() - pixel) * factor),
                 plot_.sheet->yAt(pixel + (area.top() - pixel) * factor)});
}

void Navigation::pan(double dx, double dy) {
    const QRectF area = plot_.sheet->area();
    if (dx != 0) {
        const auto [lower, upper] = plot_.sheet->x();
        const double shift = -dx * (upper - lower) / area.width();
        plot_.moveX({lower + shift, upper + shift});
    }
    if (dy != 0) plot_.moveY({plot_.sheet->yAt(area.bottom() - dy), plot_.sheet->yAt(area.top() - dy)});
}

void Navigation::stepCrosshair(int direction) {
    const auto [lower, upper] = plot_.sheet->x();
    const double start = plot_.crosshair_step.value_or((lower + upper) / 2);
    // A pixel's worth at least; on until a step is reached that is another one.
    double distance = std::max(0.5, (upper - lower) / std::max(1, plot_.sheet->area().width()));
    for (; distance < 4 * (upper - lower); distance *= 1.5) {
        const auto step = plot_.model.nearestX(start + direction * distance);
        if (!step || *step < lower || *step > upper) return;
        if (plot_.crosshair_step && (*step - start) * direction <= 0) continue;
        plot_.showCrosshair(step, std::nullopt);
        return;
    }
}

} // namespace limbeck
