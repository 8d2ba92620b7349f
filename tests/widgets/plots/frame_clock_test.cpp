// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QtTest>

#include "widgets/plots/frame_clock.h"

using namespace limbeck;
using namespace std::chrono_literals;

class FrameClockTest : public QObject {
    Q_OBJECT

  private slots:

    void cheap_frames_come_30_times_a_second() {
        FramePacer pacer(2, 0.02);
        QCOMPARE(pacer.interval(), 33ms);
        pacer.report(200us);
        QCOMPARE(pacer.interval(), 33ms);
    }

    void a_dear_frame_is_spread_until_it_keeps_its_share_data() {
        QTest::addColumn<int>("cores");
        QTest::addColumn<int>("cost_us");
        QTest::addColumn<int>("interval_ms");
        QTest::newRow("4 ms on 2 cores") << 2 << 4000 << 100;
        QTest::newRow("4 ms on 8 cores") << 8 << 4000 << 33;
        QTest::newRow("10 ms on 2 cores") << 2 << 10000 << 250;
        QTest::newRow("never under 2 Hz") << 2 << 900000 << 500;
    }

    void a_dear_frame_is_spread_until_it_keeps_its_share() {
        QFETCH(int, cores);
        QFETCH(int, cost_us);
        QFETCH(int, interval_ms);
        FramePacer pacer(cores, 0.02);
        pacer.report(std::chrono::microseconds(cost_us));
        QCOMPARE(int(pacer.interval().count()), interval_ms);
    }

    void a_rise_counts_at_once_and_a_fall_slowly() {
        FramePacer pacer(2, 0.02);
        pacer.report(10ms);
        QCOMPARE(pacer.interval(), 250ms);
        pacer.report(1ms);
        QVERIFY(pacer.interval() > 200ms);
        for (int i = 0; i < 100; ++i)
            pacer.report(1ms);
        QVERIFY(pacer.interval() < 40ms);
    }

    void the_clock_slows_down_with_the_cost_that_it_is_told() {
        FrameClock clock(nullptr, 2);
        clock.setTraining(true);
        clock.addCostSource([] { return 3ms; });
        clock.addCostSource([] { return 5ms; });
        QSignalSpy frames(&clock, &FrameClock::frame);
        clock.start();
        QTRY_VERIFY(frames.count() >= 2);
        // 8 ms of 1 % of two cores, and the little that answering a frame takes.
        QVERIFY2(clock.interval() >= 400ms && clock.interval() < 440ms,
                 qPrintable(QString::number(clock.interval().count())));
        clock.setTraining(false); // idle, there is room for more
        QVERIFY(clock.interval() < 50ms);
        clock.stop();
        QVERIFY(!clock.isActive());
    }

    void what_answers_a_frame_counts_as_its_cost() {
        FrameClock clock(nullptr, 1);
        clock.setTraining(true);
        connect(&clock, &FrameClock::frame, this, [] {
            const auto begin = threadTime();
            while (threadTime() - begin < 4ms) {
            }
        });
        clock.start();
        QTRY_VERIFY(clock.interval() >= 400ms);
    }
};

QTEST_GUILESS_MAIN(FrameClockTest)
#include "frame_clock_test.moc"
