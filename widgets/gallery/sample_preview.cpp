// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/gallery/sample_preview.h"

#include <QPainter>
#include <QPainterPath>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "backend/types/random.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr double pi = std::numbers::pi;

/// A stand-in for noise, the same each time: -0.5 … 0.5.
double jitter(std::uint64_t index) {
    return static_cast<double>(mix(index) >> 11) / 9007199254740992.0 - 0.5;
}

/// Draws in the unit square, y down.
class Sketch {
  public:
    Sketch(QPainter& painter, const QPalette& palette)
        : painter_(painter)
        , classes_{style::colour(style::Meaning::teacher, palette),
                   style::colour(style::Meaning::student, palette),
                   style::colour(style::Meaning::hard, palette)}
        , ink_(palette.color(QPalette::Text)) {}

    void dot(double x, double y, std::size_t cls) {
        painter_.setPen(Qt::NoPen);
        painter_.setBrush(classes_[cls]);
        painter_.drawEllipse(QPointF(x, y), 0.026, 0.026);
    }

    void moons() {
        for (std::uint64_t i = 0; i < 36; ++i) {
            const double a = pi * static_cast<double>(i) / 35, n = 0.08 * jitter(2 * i),
                         m = 0.08 * jitter(2 * i + 1);
            dot(0.38 + 0.25 * std::cos(a) + n, 0.55 - 0.28 * std::sin(a) + m, 0);
            dot(0.62 - 0.25 * std::cos(a) + m, 0.45 + 0.28 * std::sin(a) + n, 1);
        }
    }

    void spirals() {
        for (std::size_t arm = 0; arm < 3; ++arm)
            for (std::uint64_t i = 1; i < 22; ++i) {
                const double t = static_cast<double>(i) / 21;
                const double a =
                    2 * pi * static_cast<double>(arm) / 3 + 3.6 * t + 0.25 * jitter(64 * arm + i);
                dot(0.5 + 0.4 * t * std::cos(a), 0.5 + 0.4 * t * std::sin(a), arm);
            }
    }

    void circles() {
        for (std::size_t ring = 0; ring < 3; ++ring)
            for (std::uint64_t i = 0; i < 8 + 14 * ring; ++i) {
                const double a = 2 * pi * static_cast<double>(i) / static_cast<double>(8 + 14 * ring);
                const double r = 0.06 + 0.16 * static_cast<double>(ring) + 0.07 * jitter(97 * ring + i);
                dot(0.5 + r * std::cos(a), 0.5 + r * std::sin(a), ring);
            }
    }

    void strokes() {
        painter_.setBrush(Qt::NoBrush);
        painter_.setPen(QPen(ink_, 0.055, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        QPainterPath two(QPointF(0.13, 0.24));
        two.cubicTo(0.2, 0.08, 0.46, 0.14, 0.38, 0.32);
        two.cubicTo(0.33, 0.42, 0.2, 0.46, 0.13, 0.54);
        two.lineTo(0.43, 0.52);
        painter_.drawPath(two);
        QPainterPath seven(QPointF(0.58, 0.22));
        seven.lineTo(0.88, 0.18);
        seven.cubicTo(0.78, 0.32, 0.72, 0.4, 0.68, 0.54);
        painter_.drawPath(seven);
        painter_.drawEllipse(QPointF(0.28, 0.78), 0.1, 0.13);
        QPainterPath one(QPointF(0.64, 0.7));
        one.lineTo(0.76, 0.63);
        one.lineTo(0.73, 0.92);
        painter_.drawPath(one);
    }

    void shirt() {
        painter_.setPen(QPen(ink_, 0.04, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        QColor cloth = classes_[0];
        cloth.setAlphaF(0.35F);
        painter_.setBrush(cloth);
        QPainterPath path(QPointF(0.36, 0.16));
        path.quadTo(0.5, 0.28, 0.64, 0.16);
        for (const QPointF point :
             {QPointF(0.9, 0.32), QPointF(0.8, 0.5), QPointF(0.7, 0.44), QPointF(0.7, 0.86),
              QPointF(0.3, 0.86), QPointF(0.3, 0.44), QPointF(0.2, 0.5), QPointF(0.1, 0.32)})
            path.lineTo(point);
        path.closeSubpath();
        painter_.drawPath(path);
    }

    /// A little landscape in coarse pixels, as CIFAR's pictures are.
    void mosaic() {
        constexpr int cells = 8;
        painter_.setRenderHint(QPainter::Antialiasing, false);
        for (int y = 0; y < cells; ++y)
            for (int x = 0; x < cells; ++x) {
                const bool sun = x >= 5 && x <= 6 && y >= 1 && y <= 2;
                const bool hill = y > 7 - static_cast<int>(std::lround(2.2 + 1.8 * std::sin(0.9 * x)));
                QColor colour = sun    ? QColor(0xF0, 0xE4, 0x42)
                                : hill ? classes_[2]
                                       : QColor(0x56, 0xB4, 0xE9);
                colour = colour.lighter(100 +
                                        static_cast<int>(24 * jitter(static_cast<std::uint64_t>(8 * y + x))));
                painter_.fillRect(QRectF(0.1 + 0.1 * x, 0.1 + 0.1 * y, 0.101, 0.101), colour);
            }
    }

  private:
    QPainter& painter_;
    std::array<QColor, 3> classes_;
    QColor ink_;
};

} // namespace

QPixmap samplePreview(const DatasetSpec& dataset, int side, const QPalette& palette, qreal ratio) {
    QPixmap pixmap(QSize(side, side) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(palette.color(QPalette::Base));
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(style::gridColour(palette));
    painter.drawRect(QRectF(0.5, 0.5, side - 1, side - 1));
    painter.scale(side, side);
    Sketch sketch(painter, palette);
    if (dataset.kind == "moons")
        sketch.moons();
    else if (dataset.kind == "spirals")
        sketch.spirals();
    else if (dataset.kind == "circles")
        sketch.circles();
    else if (dataset.kind == "idx")
        sketch.shirt();
    else if (dataset.kind.starts_with("cifar"))
        sketch.mosaic();
    else
        sketch.strokes();
    return pixmap;
}

QIcon samplePreviewIcon(const DatasetSpec& dataset, int side, const QPalette& palette) {
    QIcon icon;
    for (const qreal ratio : {1.0, 1.5, 2.0, 3.0}) {
        const QPixmap pixmap = samplePreview(dataset, side, palette, ratio);
        icon.addPixmap(pixmap, QIcon::Normal);
        icon.addPixmap(pixmap, QIcon::Selected);
    }
    return icon;
}

} // namespace limbeck
