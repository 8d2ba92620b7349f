// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QPointF>
#include <QString>
#include <QVector>
#include <QWidget>

#include "widgets/plots/readout.h"

namespace limbeck {

/// What moves with the mouse, over the curves without drawing them anew: the crosshair with its read-out, the
/// words of an empty plot, the frame of keyboard focus. Lets all events through.
class CrosshairOverlay : public QWidget {
    Q_OBJECT

  public:
    explicit CrosshairOverlay(QWidget* parent);

    struct Dot {
        QPointF at;
        CurveLook look;
    };

    struct Crosshair {
        double x = 0;   ///< pixel
        QPointF anchor; ///< of the read-out's box
        QRectF area;    ///< between the axes
        Readout readout;
        QVector<Dot> dots; ///< where the line meets the curves
    };

    void setCrosshair(const std::optional<Crosshair>& crosshair);

    const std::optional<Crosshair>& crosshair() const { return crosshair_; }

    void setEmptyText(const QString& text, const QRectF& area);
    void setFocusFrame(bool on);

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    std::optional<Crosshair> crosshair_;
    QString empty_text_;
    QRectF empty_area_;
    bool focus_frame_ = false;
};

} // namespace limbeck
