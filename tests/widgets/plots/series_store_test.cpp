// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <QtTest>

#include "widgets/plots/polyline.h"
#include "widgets/plots/series_store.h"

using namespace limbeck;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

SeriesStore noisy(std::size_t count, unsigned seed = 1) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> noise(0, 1);
    SeriesStore store;
    for (std::size_t i = 0; i < count; ++i)
        store.append(static_cast<double>(i), noise(generator));
    return store;
}

std::vector<PlotPoint> envelope(const SeriesStore& store, double x0, double x1, int pixels,
                                SeriesStore::Trace trace = SeriesStore::Trace::raw) {
    std::vector<PlotPoint> points;
    store.envelope(x0, x1, pixels, trace, points);
    return points;
}

} // namespace

class SeriesStoreTest : public QObject {
    Q_OBJECT

  private slots:

    void few_points_come_back_as_they_are() {
        SeriesStore store;
        for (int i = 0; i < 10; ++i)
            store.append(i, i * i);
        const auto points = envelope(store, 0, 9, 100);
        QCOMPARE(points.size(), std::size_t(10));
        for (int i = 0; i < 10; ++i)
            QCOMPARE(points[std::size_t(i)], (PlotPoint{double(i), double(i * i)}));
    }

    void an_envelope_reaches_every_extremum_of_every_column_data() {
        QTest::addColumn<double>("x0");
        QTest::addColumn<double>("x1");
        QTest::addColumn<int>("pixels");
        QTest::newRow("all") << 0.0 << 49999.0 << 900;
        QTest::newRow("middle") << 1234.5 << 40321.25 << 700;
        QTest::newRow("beyond both ends") << -1000.0 << 80000.0 << 1300;
        QTest::newRow("one pixel") << 0.0 << 49999.0 << 1;
    }

    void an_envelope_reaches_every_extremum_of_every_column() {
        QFETCH(double, x0);
        QFETCH(double, x1);
        QFETCH(int, pixels);
        const SeriesStore store = noisy(50000);
        const auto points = envelope(store, x0, x1, pixels);
        QVERIFY(int(points.size()) <= 2 * (pixels + 1) + 4);
        QVERIFY(std::is_sorted(points.begin(), points.end(), [](auto& a, auto& b) { return a.x < b.x; }));
        const double width = (x1 - x0) / pixels, first = std::floor(x0 / width);
        for (int column = 0; column <= pixels; ++column) {
            const double left = std::max(x0, (first + column) * width),
                         right = std::min(x1, (first + column + 1) * width);
            double low = 1e9, high = -1e9, seen_low = 1e9, seen_high = -1e9;
            for (std::size_t i = 0; i < store.size(); ++i) {
                const PlotPoint p = store.point(i);
                if (p.x < left || (p.x >= right && right != x1) || p.x > x1) continue;
                low = std::min(low, p.y);
                high = std::max(high, p.y);
            }
            for (const PlotPoint& p : points) {
                if (p.x < left || (p.x >= right && right != x1) || p.x > x1) continue;
                seen_low = std::min(seen_low, p.y);
                seen_high = std::max(seen_high, p.y);
            }
            QCOMPARE(static_cast<float>(seen_low),
                     static_cast<float>(low)); // dense columns tell single precision
            QCOMPARE(static_cast<float>(seen_high), static_cast<float>(high));
        }
    }

    void columns_of_dozens_of_points_end_within_an_eighth_of_a_pixel() {
        const SeriesStore store = noisy(1'000'000);
        constexpr int pixels = 320;
        const double x0 = 1234.5, x1 = 987'654.25;
        const auto points = envelope(store, x0, x1, pixels);
        QVERIFY(int(points.size()) <= 2 * (pixels + 1) + 4);
        QVERIFY(std::is_sorted(points.begin(), points.end(), [](auto& a, auto& b) { return a.x < b.x; }));
        const double width = (x1 - x0) / pixels, first = std::floor(x0 / width), slack = width / 8;
        const auto greatest = [&](double from, double to) {
            double high = -1e9;
            for (std::size_t i = store.lowerBound(from); i < store.lowerBound(to); ++i)
                high = std::max(high, store.point(i).y);
            return static_cast<double>(static_cast<float>(high)); // told in single precision
        };
        for (int column = 1; column < pixels; ++column) {
            const double left = (first + column) * width, right = left + width;
            double seen = -1e9;
            for (const PlotPoint& p : points)
                if (p.x >= left - slack && p.x < right + slack) seen = std::max(seen, p.y);
            QVERIFY(seen >= greatest(left + slack, right - slack));
            QVERIFY(seen <= greatest(left - slack, right + slack));
        }
    }

    void a_picture_is_looked_for_anew_when_what_it_shows_has_changed() {
        SeriesStore store = noisy(1000);
        store.setSmoothing(0.5);
        const auto ask = [&store](SeriesStore::Trace trace) { return envelope(store, 0, 2000, 700, trace); };
        const auto raw = ask(SeriesStore::Trace::raw), smooth = ask(SeriesStore::Trace::smoothed);
        QCOMPARE(ask(SeriesStore::Trace::raw), raw);
        store.setSmoothing(0.9);
        QVERIFY(ask(SeriesStore::Trace::smoothed) != smooth);
        QCOMPARE(ask(SeriesStore::Trace::raw), raw);
        store.append(1500, 77);
        QCOMPARE(ask(SeriesStore::Trace::raw).back(), (PlotPoint{1500, 77}));
        store.append(500, 78); // takes back what stands from there on
        QCOMPARE(ask(SeriesStore::Trace::raw).back(), (PlotPoint{500, 78}));
        store.clear();
        QVERIFY(ask(SeriesStore::Trace::raw).empty());
    }

    void a_frame_of_a_million_points_is_as_small_as_its_pixels() {
        const SeriesStore store = noisy(1'000'000);
        QVERIFY(envelope(store, 0, 1e6, 1000).size() <= 2006);
        QVERIFY(envelope(store, 5e5, 5.01e5, 1000).size() <= 2006);
    }

    void a_line_covers_the_pixels_that_it_passes() {
        using Columns = std::vector<PixelColumn>;
        QCOMPARE(pixelColumns({{0.5, 0}, {2.5, 8}}, 0, 9), (Columns{{0, 0, 2}, {1, 2, 6}, {2, 6, 8}}));
        QCOMPARE(pixelColumns({{1.2, 5}, {1.4, 9}, {1.4, 1}, {1.6, 4}}, 0, 9), (Columns{{1, 1, 9}}));
        QCOMPARE(pixelColumns({{-10, -10}, {10, 10}}, 3, 4), (Columns{{3, 3, 4}, {4, 4, 5}}));
        QCOMPARE(pixelColumns({{0.5, 1}, {1.5, 1}, {2.5, nan_value}, {4.5, 2}, {5.5, 2}}, 0, 9),
                 (Columns{{0, 1, 1}, {1, 1, 1}, {4, 2, 2}, {5, 2, 2}}));
    }

    void a_point_takes_at_most_24_bytes_smoothing_and_extrema_included_data() {
        QTest::addColumn<bool>("thinned");
        QTest::addColumn<int>("most");
        QTest::newRow("of one step") << false << 16;
        QTest::newRow("of several steps") << true << 24;
    }

    void a_point_takes_at_most_24_bytes_smoothing_and_extrema_included() {
        QFETCH(bool, thinned);
        QFETCH(int, most);
        SeriesStore store;
        store.setSmoothing(0.9);
        for (int i = 0; i < 1'000'000; ++i) {
            const float reach = thinned ? 0.5F : 0;
            store.append(10.0 * i, i % 7, static_cast<float>(i % 7) - reach,
                         static_cast<float>(i % 7) + reach);
        }
        const double each = static_cast<double>(store.bytes()) / 1e6;
        QVERIFY2(each <= most, qPrintable(QString::number(each)));
    }

    void steps_are_read_as_they_were_given_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("evenly apart") << 0;
        QTest::newRow("tenths, which no float holds") << 1;
        QTest::newRow("at random") << 2;
        QTest::newRow("twice as far apart from the middle of a chunk on") << 3;
        QTest::newRow("one step missing at a chunk's end") << 4;
    }

    void steps_are_read_as_they_were_given() {
        QFETCH(int, kind);
        std::mt19937 generator(3);
        std::uniform_real_distribution<double> apart(0.1, 5);
        std::vector<double> steps{7};
        SeriesStore store;
        store.append(7, 0);
        while (steps.size() < 5000) {
            const auto i = steps.size();
            const double next[] = {7.0 + 3.0 * static_cast<double>(i), 7.0 + 0.1 * static_cast<double>(i),
                                   steps.back() + apart(generator), steps.back() + (i < 2500 ? 2 : 4),
                                   steps.back() + (i % 1024 == 1023 ? 2 : 1)};
            steps.push_back(next[kind]);
            store.append(steps.back(), static_cast<double>(i));
        }
        const auto check = [&] {
            QCOMPARE(store.size(), steps.size());
            for (std::size_t i = 0; i < steps.size(); ++i) {
                QCOMPARE(store.point(i).x, steps[i]);
                QCOMPARE(store.lowerBound(steps[i]), i);
                QCOMPARE(store.lowerBound(std::nextafter(steps[i], 1e9)), i + 1);
            }
        };
        check();
        // A run that resumed goes on from a chunk's second point at another distance.
        steps.resize(2049);
        for (int i = 0; i < 100; ++i) {
            steps.push_back(steps.back() + 0.05);
            store.append(steps.back(), i);
        }
        check();
    }

    void values_that_are_not_finite_are_gaps() {
        SeriesStore store;
        store.append(0, 1);
        store.append(1, nan_value);
        store.append(2, std::numeric_limits<double>::infinity());
        store.append(3, 4);
        const auto points = envelope(store, 0, 3, 10);
        QCOMPARE(points.size(), std::size_t(4));
        QVERIFY(std::isnan(points[1].y) && std::isnan(points[2].y));
        QCOMPARE(points[3].y, 4.0);
    }

    void a_long_gap_stays_a_gap_when_columns_hold_many_points() {
        SeriesStore store;
        for (int i = 0; i < 10000; ++i)
            store.append(i, i >= 4000 && i < 6000 ? nan_value : 1.0);
        const auto points = envelope(store, 0, 9999, 100);
        QVERIFY(std::any_of(points.begin(), points.end(),
                            [](auto& p) { return p.x > 4000 && p.x < 6000 && std::isnan(p.y); }));
        QVERIFY(std::none_of(points.begin(), points.end(),
                             [](auto& p) { return p.x >= 4000 && p.x < 6000 && std::isfinite(p.y); }));
    }

    void an_x_that_is_not_finite_is_ignored() {
        SeriesStore store;
        store.append(nan_value, 1);
        QVERIFY(store.empty());
    }

    void a_run_that_resumed_replaces_what_it_says_again() {
        SeriesStore store;
        store.setSmoothing(0.5);
        for (int i = 0; i < 1000; ++i)
            store.append(i, 1);
        for (int i = 500; i < 700; ++i)
            store.append(i, 2);
        QCOMPARE(store.size(), std::size_t(700));
        QCOMPARE(store.point(499).y, 1.0);
        QCOMPARE(store.point(500).y, 2.0);
        const auto points = envelope(store, 0, 1000, 20);
        QCOMPARE(points.back().x, 699.0);
        SeriesStore straight;
        straight.setSmoothing(0.5);
        for (int i = 0; i < 700; ++i)
            straight.append(i, i < 500 ? 1 : 2);
        for (std::size_t i = 0; i < 700; ++i)
            QCOMPARE(store.smoothed(i), straight.smoothed(i));
    }

    void smoothing_is_the_bias_corrected_moving_average_data() {
        QTest::addColumn<double>("weight");
        for (const double weight : {0.3, 0.9, 0.999})
            QTest::newRow(qPrintable(QString::number(weight))) << weight;
    }

    void smoothing_is_the_bias_corrected_moving_average() {
        QFETCH(double, weight);
        SeriesStore late = noisy(5000), early;
        late.setSmoothing(weight); // over points that are there
        early.setSmoothing(weight);
        for (std::size_t i = 0; i < late.size(); ++i)
            early.append(late.point(i).x, late.point(i).y);
        double average = 0;
        for (std::size_t i = 0; i < late.size(); ++i) {
            average = weight * average + (1 - weight) * late.point(i).y;
            const double expected = average / (1 - std::pow(weight, double(i + 1)));
            QVERIFY(std::abs(late.smoothed(i) - expected) < 1e-5);
            QCOMPARE(early.smoothed(i), late.smoothed(i));
        }
    }

    void the_first_smoothed_value_is_the_first_value_and_gaps_do_not_count() {
        SeriesStore store;
        store.setSmoothing(0.99);
        store.append(0, 3);
        store.append(1, nan_value);
        store.append(2, 3);
        QCOMPARE(store.smoothed(0), 3.0);
        QVERIFY(std::isnan(store.smoothed(1)));
        QCOMPARE(store.smoothed(2), 3.0);
    }

    void the_smoothed_envelope_is_that_of_the_smoothed_line() {
        SeriesStore store = noisy(20000);
        store.setSmoothing(0.95);
        double low = 1e9, high = -1e9;
        for (std::size_t i = 0; i < store.size(); ++i) {
            low = std::min(low, store.smoothed(i));
            high = std::max(high, store.smoothed(i));
        }
        const auto points = envelope(store, 0, 19999, 50, SeriesStore::Trace::smoothed);
        const auto [least, greatest] =
            std::minmax_element(points.begin(), points.end(), [](auto& a, auto& b) { return a.y < b.y; });
        QCOMPARE(least->y, low);
        QCOMPARE(greatest->y, high);
    }

    void a_thinned_point_keeps_its_extrema() {
        SeriesStore store;
        for (int i = 0; i < 4000; ++i)
            store.append(i, 1.0, i == 2000 ? 0.25F : 1.0F, i == 2000 ? 5.0F : 1.0F);
        QCOMPARE(store.minimum(2000), 0.25);
        QCOMPARE(store.maximum(2000), 5.0);
        const auto points = envelope(store, 0, 3999, 30);
        QVERIFY(std::any_of(points.begin(), points.end(), [](auto& p) { return p.y == 5.0; }));
        QVERIFY(std::any_of(points.begin(), points.end(), [](auto& p) { return p.y == 0.25; }));
    }

    void the_nearest_step_is_found() {
        SeriesStore store;
        for (const double x : {10.0, 20.0, 40.0})
            store.append(x, x);
        QCOMPARE(store.point(*store.nearest(-5)).x, 10.0);
        QCOMPARE(store.point(*store.nearest(29)).x, 20.0);
        QCOMPARE(store.point(*store.nearest(31)).x, 40.0);
        QCOMPARE(store.point(*store.nearest(99)).x, 40.0);
        QVERIFY(!store.atOrBefore(9));
        QCOMPARE(store.point(*store.atOrBefore(39)).x, 20.0);
        QVERIFY(!SeriesStore().nearest(1));
    }

    void clipping_keeps_lines_inside_of_the_box() {
        const std::vector<PlotPoint> line{{-1, 0.5}, {0.5, 0.5}, {1.5, 3}, {3, 0.5}};
        const auto points = clipped(line, {0, 2, 0, 1}, false);
        QCOMPARE(points.front(), (PlotPoint{0, 0.5}));
        for (const PlotPoint& p : points)
            QVERIFY(p.x >= 0 && p.x <= 2 && (std::isnan(p.y) || (p.y >= 0 && p.y <= 1)));
        QVERIFY(std::abs(points[2].y - 1) < 1e-12 && std::abs(points[2].x - 0.7) < 1e-12);
    }

    void simplifying_moves_no_point_farther_than_the_tolerance() {
        SeriesStore store = noisy(3000);
        store.setSmoothing(0.99);
        const auto line = envelope(store, 0, 2999, 2999, SeriesStore::Trace::smoothed);
        const PlotScale scale{0.3, 40, false};
        const auto simple = simplified(line, scale, 0.5);
        QVERIFY(simple.size() < line.size() / 2);
        QCOMPARE(simple.front(), line.front());
        QCOMPARE(simple.back(), line.back());
        std::size_t at = 0;
        for (const PlotPoint& p : line) {
            while (at + 2 < simple.size() && simple[at + 1].x < p.x)
                ++at;
            const PlotPoint &a = simple[at], &b = simple[at + 1];
            const double y = a.y + (b.y - a.y) * (p.x - a.x) / (b.x - a.x);
            QVERIFY2(std::abs(y - p.y) * scale.y <= 0.5 + 1e-6, qPrintable(QString::number(p.x)));
        }
    }

    void dashes_leave_gaps_of_their_length() {
        const auto points = dashed({{0, 0}, {100, 100}}, {1, 1, false}, {6, 4});
        double drawn = 0;
        for (std::size_t i = 1; i < points.size(); ++i)
            if (std::isfinite(points[i].y) && std::isfinite(points[i - 1].y))
                drawn += points[i].x - points[i - 1].x;
        QVERIFY(std::abs(drawn - 60) < 1e-6);
    }
};

QTEST_APPLESS_MAIN(SeriesStoreTest)
#include "series_store_test.moc"
