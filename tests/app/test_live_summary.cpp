// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "app/pages/live_summary.h"

using namespace limbeck;

namespace {

SeriesUpdate update(const char* series, std::initializer_list<std::pair<std::int64_t, double>> points,
                    RunId run = 1) {
    SeriesUpdate made{run, series, {}};
    for (const auto& [step, value] : points) {
        made.points.push_back({step, value, static_cast<float>(value), static_cast<float>(value)});
    }
    return made;
}

} // namespace

class TestLiveSummary : public QObject {
    Q_OBJECT

  private slots:

    void last_and_best_follow_the_validation_part() {
        LiveSummary summary;
        QVERIFY(summary.absorb(1, {update("validation/accuracy", {{10, 0.5}, {20, 0.8}, {30, 0.7}}),
                                   update("validation/agreement", {{10, 0.4}, {20, 0.6}, {30, 0.9}})}));
        QCOMPARE(*summary.values().last_accuracy, 0.7);
        QCOMPARE(*summary.values().best_accuracy, 0.8);
        QCOMPARE(*summary.values().last_agreement, 0.9);
        QCOMPARE(*summary.values().best_agreement, 0.6); // at the epoch of the best accuracy
    }

    void the_order_of_series_in_a_feed_does_not_matter() {
        LiveSummary summary;
        summary.absorb(
            1, {update("validation/agreement", {{10, 0.4}}), update("validation/accuracy", {{10, 0.5}})});
        QCOMPARE(*summary.values().best_agreement, 0.4);
    }

    void test_values_are_told_apart_from_validation() {
        LiveSummary summary;
        summary.absorb(1, {update("validation/accuracy", {{10, 0.5}, {20, 0.4}}),
                           update("test/accuracy", {{10, 0.45}, {20, 0.48}})});
        QCOMPARE(*summary.values().test_accuracy, 0.48);
        QCOMPARE(*summary.values().best_test_accuracy, 0.45);
    }

    void points_of_other_runs_and_of_training_batches_change_nothing() {
        LiveSummary summary;
        QVERIFY(!summary.absorb(
            1, {update("validation/accuracy", {{10, 0.5}}, 2), update("train/accuracy", {{1, 0.9}})}));
        QVERIFY(!summary.values().last_accuracy);
    }
};

QTEST_APPLESS_MAIN(TestLiveSummary)
#include "test_live_summary.moc"
