// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <QPicture>
#include <QPixmap>
#include <QtTest>

#include <cstdlib>
#include <random>

#include "widgets/plots/pixel_canvas.h"

using namespace limbeck;

namespace {

/// By how much the channels of two pictures differ at most.
int difference(const QImage& one, const QImage& other) {
    int most = 0;
    for (int y = 0; y < one.height(); ++y)
        for (int x = 0; x < one.width(); ++x) {
            const QRgb a = one.pixel(x, y), b = other.pixel(x, y);
            for (const int each : {qRed(a) - qRed(b), qGreen(a) - qGreen(b), qBlue(a) - qBlue(b)})
                most = std::max(most, std::abs(each));
        }
    return most;
}

} // namespace

class PixelCanvasTest : public QObject {
    Q_OBJECT

  private slots:

    void columns_are_blended_as_the_painter_would_do_it_data() {
        QTest::addColumn<int>("format");
        QTest::addColumn<double>("ratio");
        QTest::addColumn<bool>("clipped");
        for (const int format : {int(QImage::Format_RGB32), int(QImage::Format_ARGB32_Premultiplied)})
            for (const double ratio : {1.0, 2.0})
                for (const bool clipped : {false, true})
                    QTest::addRow("format %d, %gx%s", format, ratio, clipped ? ", clipped" : "")
                        << format << ratio << clipped;
    }

    void columns_are_blended_as_the_painter_would_do_it() {
        QFETCH(int, format);
        QFETCH(double, ratio);
        QFETCH(bool, clipped);
        QImage filled(QSize(60, 40) * ratio, static_cast<QImage::Format>(format));
        filled.setDevicePixelRatio(ratio);
        filled.fill(QColor(250, 240, 200));
        QImage written = filled.copy();
        QPainter painter(&filled), other(&written);
        for (QPainter* each : {&painter, &other}) {
            each->translate(3, 2);
            if (clipped) each->setClipRect(QRect(5, 4, 40, 20));
        }
        const auto canvas = PixelCanvas::of(other);
        QVERIFY(canvas);
        QCOMPARE(canvas->ratio(), ratio);
        QCOMPARE(canvas->origin(), QPointF(3, 2) * ratio);
        std::minstd_rand random(3);
        const auto below = [&random](int bound) {
            return static_cast<int>(random() % static_cast<unsigned>(bound));
        };
        const auto fill = [&](const PixelCanvas::Column& column, const QColor& colour) {
            painter.fillRect(QRectF((column.x - canvas->origin().x()) / ratio,
                                    (column.top - canvas->origin().y()) / ratio, 1 / ratio,
                                    std::max(0, column.bottom - column.top) / ratio),
                             colour);
        };
        for (int i = 0; i < 40; ++i) {
            const QColor colour(below(256), below(256), below(256), i % 3 ? below(256) : 255);
            const PixelCanvas::Column alone{below(static_cast<int>(64 * ratio)) - 4, below(60) - 10,
                                            below(60)};
            canvas->fill(alone, PixelCanvas::ink(colour));
            fill(alone, colour);
            std::vector<PixelCanvas::Column> columns; // with a gap now and then
            for (int x = below(10) - 5; x < 70 * ratio; x += below(9) ? 1 : 3)
                columns.push_back({x, below(30) - 5, below(100)});
            canvas->fill(columns, PixelCanvas::ink(colour));
            for (const PixelCanvas::Column& column : columns)
                fill(column, colour);
        }
        painter.end();
        other.end();
        // Qt rounds each blending in its own way, and dozens of them lie over each other.
        QVERIFY2(difference(filled, written) <= 3, qPrintable(QString::number(difference(filled, written))));
    }

    void what_has_no_pixels_of_its_own_has_no_canvas() {
        QPixmap pixmap(10, 10);
        QPainter on_pixmap(&pixmap);
        QVERIFY(!PixelCanvas::of(on_pixmap));
        QPicture picture;
        QPainter on_picture(&picture);
        QVERIFY(!PixelCanvas::of(on_picture));
        QImage image(10, 10, QImage::Format_RGB32);
        QPainter painter(&image);
        QVERIFY(PixelCanvas::of(painter));
        painter.scale(2, 2);
        QVERIFY(!PixelCanvas::of(painter));
    }
};

QTEST_MAIN(PixelCanvasTest)
#include "pixel_canvas_test.moc"
