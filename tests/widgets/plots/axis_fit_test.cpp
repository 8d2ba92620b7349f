// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <QtTest>

#include "widgets/plots/axis_fit.h"
#include "widgets/plots/event_marks.h"

using namespace limbeck;

namespace {

Series& add(PlotModel& model, const char* id, SeriesRole role) {
    SeriesSpec spec;
    spec.label = QString::fromLatin1(id);
    spec.role = role;
    return model.add(QString::fromLatin1(id), spec);
}

} // namespace

class AxisFitTest : public QObject {
    Q_OBJECT

  private slots:

    void steps_start_at_zero_and_end_where_the_run_will() {
        const auto [lower, upper] = fittedX(AxisRange(1, 300), 1000);
        QCOMPARE(lower, 0.0);
        QVERIFY(upper >= 1000 && upper < 1050);
        QVERIFY(fittedX(AxisRange(1, 300), 0).second < 320);
        QVERIFY(fittedX(AxisRange(5000, 6000), 0).first >= 5000); // a run that goes on elsewhere
        QVERIFY(fittedX(std::nullopt, 0).second > fittedX(std::nullopt, 0).first);
    }

    void the_spike_of_the_first_steps_does_not_flatten_the_rest() {
        PlotModel model;
        Series& loss = add(model, "loss", SeriesRole::raw);
        for (int i = 1; i <= 1000; ++i)
            loss.store.append(i, i < 3 ? 500.0 : 1.0 + 0.1 * std::sin(i));
        QVERIFY(fittedY(model, 0, 1000, PlotUnit::value, false).second < 3);
    }

    void every_validation_point_is_shown() {
        PlotModel model;
        Series& loss = add(model, "loss", SeriesRole::full);
        for (int i = 1; i <= 1000; ++i)
            loss.store.append(i, i == 500 ? 50.0 : 1.0);
        QVERIFY(fittedY(model, 0, 1000, PlotUnit::value, false).second >= 50);
    }

    void an_untrained_networks_evaluation_leaves_the_axis_once_enough_follows() {
        PlotModel model;
        Series& agreement = add(model, "agreement", SeriesRole::full);
        agreement.store.append(0, 0.1);
        for (int i = 1; i <= 4; ++i)
            agreement.store.append(100 * i, 0.9);
        QVERIFY(fittedY(model, 0, 2000, PlotUnit::percent, false).first < 0.1);
        agreement.store.append(500, 0.9);
        QVERIFY(fittedY(model, 0, 2000, PlotUnit::percent, false).first > 0.8);
        QVERIFY2(fittedY(model, 0, 120, PlotUnit::percent, false).first < 0.1, "zoomed into the start");
    }

    void losses_never_start_under_zero() {
        PlotModel model;
        Series& loss = add(model, "loss", SeriesRole::full);
        for (int i = 1; i <= 100; ++i)
            loss.store.append(i, 2.0 / i);
        QCOMPARE(fittedY(model, 0, 100, PlotUnit::value, false).first, 0.0);
    }

    void percentages_stay_between_0_and_100() {
        for (const double value : {0.0, 0.5, 1.0}) {
            PlotModel model;
            Series& accuracy = add(model, "accuracy", SeriesRole::full);
            for (int i = 1; i <= 10; ++i)
                accuracy.store.append(i, value);
            const auto [lower, upper] = fittedY(model, 0, 10, PlotUnit::percent, false);
            QVERIFY(lower >= 0 && upper <= 1 && upper - lower > 0.02);
            QVERIFY(lower <= value && value <= upper);
        }
    }

    void a_logarithmic_axis_sees_positive_values_alone() {
        PlotModel model;
        Series& loss = add(model, "loss", SeriesRole::full);
        for (const double y : {0.0, -1.0, 0.01, 1.0})
            loss.store.append(double(loss.store.size()), y);
        const auto [lower, upper] = fittedY(model, 0, 10, PlotUnit::value, true);
        QVERIFY(lower > 0.005 && lower <= 0.01);
        QVERIFY(upper >= 1 && upper < 2);
    }

    void hidden_series_do_not_count() {
        PlotModel model;
        add(model, "small", SeriesRole::full).store.append(1, 1.0);
        add(model, "large", SeriesRole::full).store.append(1, 100.0);
        model.hidden_labels.insert(QStringLiteral("large"));
        QVERIFY(fittedY(model, 0, 10, PlotUnit::value, false).second < 2);
    }

    void an_axis_stands_still_while_it_wastes_little() {
        QCOMPARE(steadied({0, 1}, {0.02, 0.97}, false), AxisRange(0, 1));
        QCOMPARE(steadied({0, 1}, {0, 1.01}, false), AxisRange(0, 1.01));
        QCOMPARE(steadied({0, 1}, {0, 0.5}, false), AxisRange(0, 0.5));
    }

    void labels_of_marks_do_not_cover_each_other() {
        QCOMPARE(placeLabels({0, 10, 100}, {50, 50, 50}, 3), QVector<int>({0, 1, 0}));
        QCOMPARE(placeLabels({0, 1, 2, 3}, {50, 50, 50, 50}, 3), QVector<int>({0, 1, 2, -1}));
    }
};

QTEST_APPLESS_MAIN(AxisFitTest)
#include "axis_fit_test.moc"
