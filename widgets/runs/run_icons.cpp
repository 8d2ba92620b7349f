// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/run_icons.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>

#include "widgets/style/palette.h"

namespace limbeck {

namespace {

void drawState(QPainter& painter, RunState state, const QColor& colour) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colour, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(colour);
    const QRectF disc(3.5, 3.5, 9, 9);
    switch (state) {
    case RunState::queued:
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(disc);
        break;
    case RunState::running:
        painter.drawPolygon(QPolygonF{{5, 3.5}, {12.5, 8}, {5, 12.5}});
        break;
    case RunState::paused:
        painter.setPen(Qt::NoPen);
        painter.drawRect(QRectF(4, 3, 3, 10));
        painter.drawRect(QRectF(9, 3, 3, 10));
        break;
    case RunState::finished:
        painter.drawEllipse(disc);
        break;
    case RunState::stopped:
        painter.drawRect(QRectF(4.5, 4.5, 7, 7));
        break;
    case RunState::failed:
        painter.drawLine(QPointF(4, 4), QPointF(12, 12));
        painter.drawLine(QPointF(12, 4), QPointF(4, 12));
        break;
    case RunState::interrupted:
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(disc);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawPie(disc, 90 * 16, 180 * 16);
        break;
    }
}

QPixmap drawn(RunState state, const QColor& colour, const QColor& ground, qreal ratio) {
    QPixmap pixmap(static_cast<int>(16 * ratio), static_cast<int>(16 * ratio));
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(0, 0, 16, 16), 3, 3);
    drawState(painter, state, colour);
    return pixmap;
}

} // namespace

QIcon runIcon(Role role, RunState state, const QPalette& palette) {
    const QColor colour = style::colour(style::meaning(role), palette);
    QIcon icon;
    // Drawn for every scale that a screen may have; on a selected row the colours keep their own ground.
    for (const qreal ratio : {1.0, 1.5, 2.0, 3.0}) {
        icon.addPixmap(drawn(state, colour, Qt::transparent, ratio), QIcon::Normal);
        icon.addPixmap(drawn(state, colour, palette.color(QPalette::Base), ratio), QIcon::Selected);
    }
    return icon;
}

QString roleText(Role role) {
    return style::label(style::meaning(role));
}

QString stateText(RunState state) {
    const auto words = [](const char* text) { return QCoreApplication::translate("RunsModel", text); };
    switch (state) {
    case RunState::queued:
        return words("queued");
    case RunState::running:
        return words("running");
    case RunState::paused:
        return words("paused");
    case RunState::finished:
        return words("done");
    case RunState::stopped:
        return words("stopped");
    case RunState::failed:
        return words("failed");
    case RunState::interrupted:
        return words("interrupted");
    }
    return {};
}

} // namespace limbeck
