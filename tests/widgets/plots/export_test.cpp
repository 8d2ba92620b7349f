// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

#include <QClipboard>
#include <QGuiApplication>
#include <QPainter>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/widgets/plots/plot_fixture.h"

using namespace limbeck;
using namespace limbeck::testing;

namespace {

/// What an SVG looks like, at the size that it asks for or another one; null if it is none.
QImage drawn(const QString& path, QSize size = {}) {
    QSvgRenderer renderer(path);
    if (!renderer.isValid()) return {};
    QImage image(size.isEmpty() ? renderer.defaultSize() : size, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    renderer.render(&painter);
    return image;
}

} // namespace

class ExportTest : public QObject {
    Q_OBJECT

  private slots:

    void a_png_has_twice_the_size() {
        ShownPlot shown;
        const QString path = folder_.filePath(QStringLiteral("a.png"));
        QVERIFY2(shown.plot.exportTo(path), qPrintable(shown.plot.exportError()));
        const QImage image(path);
        QCOMPARE(image.width(), 2 * shown.canvas()->width());
        QVERIFY(image.pixelColor(2, 2).lightness() > 250); // on white
    }

    void a_dark_window_exports_on_white_too() {
        ShownPlot shown;
        shown.plot.setPalette(style::darkPalette());
        QVERIFY(shown.plot.picture(1).pixelColor(2, 2).lightness() > 250);
    }

    void an_svg_can_be_drawn_and_stays_inside_of_its_axes() {
        ShownPlot shown;
        shown.plot.setYRange(0.2, 0.4); // most of the curve is outside
        const QString path = folder_.filePath(QStringLiteral("a.svg"));
        QVERIFY2(shown.plot.exportTo(path), qPrintable(shown.plot.exportError()));
        const QImage image = drawn(path);
        QVERIFY(!image.isNull());
        // The strip under the axis' numbers would be crossed by curves that are not clipped.
        for (int x = 0; x < image.width(); ++x)
            QVERIFY(image.pixelColor(x, image.height() - 1).lightness() > 250);
    }

    void dense_curves_look_like_their_strokes_data() {
        QTest::addColumn<double>("smoothing");
        QTest::newRow("thin") << 0.0; // written pixel by pixel in a picture, as strokes in an SVG
        QTest::newRow("thin and wide") << 0.2;
    }

    void dense_curves_look_like_their_strokes() {
        QFETCH(double, smoothing);
        ShownPlot shown;
        shown.plot.setSmoothing(smoothing);
        shown.plot.append(QStringLiteral("train"), points(1001, 9000, [](double x) {
                              return falling(x) + 0.5 * std::sin(x * 0.002) + 0.1 * std::cos(x * 1.9);
                          }));
        shown.draw();
        const QString path = folder_.filePath(QStringLiteral("dense.svg"));
        QVERIFY2(shown.plot.exportTo(path), qPrintable(shown.plot.exportError()));
        // Seen from some way off: the ups and downs that share a pixel may be laid out in another way.
        const QImage picture = shown.plot.picture(1);
        const auto far = [&](const QImage& image) {
            return image.scaled(picture.size() / 4, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
        };
        const QImage columns = far(picture), strokes = far(drawn(path, picture.size()));
        int inked = 0, apart = 0;
        for (int y = 0; y < strokes.height(); ++y)
            for (int x = 0; x < strokes.width(); ++x) {
                const int one = qGray(columns.pixel(x, y)), two = qGray(strokes.pixel(x, y));
                inked += two < 230;
                apart += std::abs(one - two) > 40;
            }
        QVERIFY2(inked > 2000, qPrintable(QString::number(inked)));
        QVERIFY2(apart < inked / 20, qPrintable(QStringLiteral("%1 of %2").arg(apart).arg(inked)));
    }

    void a_pdf_is_one() {
        ShownPlot shown;
        const QString path = folder_.filePath(QStringLiteral("a.pdf"));
        QVERIFY2(shown.plot.exportTo(path), qPrintable(shown.plot.exportError()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.read(5) == "%PDF-" && file.size() > 5000);
    }

    void csv_holds_every_point_of_the_visible_series() {
        ShownPlot shown;
        shown.plot.setXRange(100, 200); // what is in view does not matter
        shown.plot.setLabelVisible(QStringLiteral("hard"), false);
        const QString path = folder_.filePath(QStringLiteral("a.csv"));
        QVERIFY2(shown.plot.exportTo(path), qPrintable(shown.plot.exportError()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().split('\n');
        QCOMPARE(QString::fromUtf8(lines[0]), QStringLiteral("step,total · training,total · validation"));
        QCOMPARE(lines.size(), 1002); // head, 1,000 steps, the empty piece after the last line
        for (int step = 1; step <= 1000; ++step) {
            const QList<QByteArray> cells = lines[step].split(',');
            QCOMPARE(cells.size(), 3);
            QCOMPARE(cells[0].toInt(), step);
            QCOMPARE(cells[1].toDouble(), falling(step)); // to the bit
            if (step % 100)
                QVERIFY(cells[2].isEmpty());
            else
                QCOMPARE(cells[2].toDouble(), falling(step));
        }
    }

    void csv_quotes_names_and_writes_large_steps_and_extrema_in_full() {
        TrainingPlot plot(QStringLiteral("Loss"), QStringLiteral("loss"), PlotUnit::value);
        plot.addSeries(QStringLiteral("a"), spec("a, \"b\"", "", SeriesRole::full));
        const MetricPoint thinned[] = {{1'000'000, 0.5, 0.25F, 2.0F},
                                       {2'000'000, std::numeric_limits<double>::quiet_NaN(), 0, 0}};
        plot.append(QStringLiteral("a"), thinned);
        const QList<QByteArray> lines = plot.csv().split('\n');
        QCOMPARE(lines[0],
                 QByteArray("step,\"a, \"\"b\"\"\",\"a, \"\"b\"\"\" minimum,\"a, \"\"b\"\"\" maximum"));
        QCOMPARE(lines[1], QByteArray("1000000,0.5,0.25,2"));
        QVERIFY(lines[2].startsWith("2000000,nan"));
    }

    void a_file_that_cannot_be_written_is_said_in_words() {
        ShownPlot shown;
        QVERIFY(!shown.plot.exportTo(QStringLiteral("/nowhere/at/all/a.png")));
        QVERIFY(shown.plot.exportError().contains(QStringLiteral("/nowhere/at/all/a.png")));
        QVERIFY(!shown.plot.exportTo(folder_.filePath(QStringLiteral("a.bmp"))));
        QVERIFY(shown.plot.exportError().contains(QStringLiteral(".svg")));
        QVERIFY(!QFile::exists(folder_.filePath(QStringLiteral("a.bmp"))));
    }

    void a_copied_picture_is_in_the_clipboard() {
        ShownPlot shown;
        shown.plot.copyPicture();
        QVERIFY(!QGuiApplication::clipboard()->image().isNull());
    }

  private:
    QTemporaryDir folder_;
};

QTEST_MAIN(ExportTest)
#include "export_test.moc"
