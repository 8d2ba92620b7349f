// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QApplication>
#include <QCheckBox>
#include <QContextMenuEvent>
#include <QMenu>
#include <QSignalSpy>
#include <QSlider>
#include <QWheelEvent>
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "tests/widgets/plots/plot_fixture.h"
#include "widgets/plots/curve_sheet.h"
#include "widgets/plots/legend_bar.h"

using namespace limbeck;
using namespace limbeck::testing;

namespace {

void wheel(QWidget* widget, QPoint at, int notches, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, 120 * notches), Qt::NoButton, modifiers,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(widget, &event);
}

QAbstractButton* entry(TrainingPlot& plot, const QString& text) {
    for (LegendButton* button : plot.findChildren<LegendButton*>())
        if (button->text() == text) return button;
    return nullptr;
}

double span(TrainingPlot::Range range) {
    return range.upper - range.lower;
}

} // namespace

class TrainingPlotTest : public QObject {
    Q_OBJECT

  private slots:

    void a_right_click_on_the_canvas_brings_the_menu() {
        ShownPlot shown;
        QContextMenuEvent event(QContextMenuEvent::Mouse, shown.middle(),
                                shown.canvas()->mapToGlobal(shown.middle()));
        QCoreApplication::sendEvent(shown.canvas(), &event);
        QTRY_VERIFY(QApplication::activePopupWidget());
        QVERIFY(qobject_cast<QMenu*>(QApplication::activePopupWidget()));
        QApplication::activePopupWidget()->close();
    }

    void a_frame_hands_over_no_more_points_when_there_are_more() {
        int most = 0;
        for (const int points : {10'000, 100'000, 1'000'000}) {
            PlotModel model;
            Series& series = model.add(QStringLiteral("loss"), {});
            for (int i = 0; i < points; ++i)
                series.store.append(i, std::sin(i * 0.7) + std::sin(i * 1e-4));
            CurveSheet sheet(PlotUnit::value, nullptr);
            sheet.widget()->resize(800, 400);
            sheet.widget()->grab(); // lays it out
            sheet.setX({0, double(points)});
            sheet.setY({-2, 2});
            sheet.update(model);
            QVERIFY(sheet.drawnPoints() > 800);
            QVERIFY(sheet.drawnPoints() <= 3 * 800 + 20);
            most = std::max(most, sheet.drawnPoints());
        }
        QVERIFY(most < 2420);
    }

    void appended_points_wait_for_the_next_frame() {
        ShownPlot shown;
        const int before = shown.plot.replotCount();
        shown.plot.append(QStringLiteral("train"), points(1001, 1100, falling));
        QVERIFY(shown.plot.isDirty());
        QTest::qWait(50);
        QCOMPARE(shown.plot.replotCount(), before);
        shown.plot.refresh();
        shown.plot.refresh();
        QTRY_COMPARE(shown.plot.replotCount(), before + 1);
        QVERIFY(!shown.plot.isDirty());
        QVERIFY(shown.plot.takeFrameCost().count() > 0);
    }

    void a_hidden_plot_draws_nothing() {
        ShownPlot shown;
        shown.plot.hide();
        const int before = shown.plot.replotCount();
        shown.plot.append(QStringLiteral("train"), points(1001, 1100, falling));
        shown.plot.refresh();
        QTest::qWait(30);
        QCOMPARE(shown.plot.replotCount(), before);
        shown.plot.show();
        QTRY_VERIFY(shown.plot.replotCount() > before);
    }

    void a_click_on_the_legend_hides_all_curves_of_a_label() {
        ShownPlot shown;
        QSignalSpy toggled(&shown.plot, &TrainingPlot::labelToggled);
        QTest::mouseClick(entry(shown.plot, QStringLiteral("total")), Qt::LeftButton);
        QVERIFY(!shown.plot.isSeriesVisible(QStringLiteral("train")));
        QVERIFY(!shown.plot.isSeriesVisible(QStringLiteral("val")));
        QVERIFY(shown.plot.isSeriesVisible(QStringLiteral("hard")));
        QCOMPARE(toggled.count(), 1);
        QTRY_VERIFY(shown.plot.yRange().upper < 1.5); // fitted to what is left
        QTest::mouseClick(entry(shown.plot, QStringLiteral("total")), Qt::LeftButton);
        QVERIFY(shown.plot.isSeriesVisible(QStringLiteral("train")));
    }

    void the_legend_is_worked_with_the_keyboard_too() {
        ShownPlot shown;
        QAbstractButton* hard = entry(shown.plot, QStringLiteral("hard"));
        QVERIFY(hard->focusPolicy() & Qt::TabFocus);
        hard->setFocus(Qt::TabFocusReason);
        QTest::keyClick(hard, Qt::Key_Space);
        QVERIFY(!shown.plot.isLabelVisible(QStringLiteral("hard")));
    }

    void control_and_a_click_show_one_label_alone() {
        ShownPlot shown;
        QTest::mouseClick(entry(shown.plot, QStringLiteral("hard")), Qt::LeftButton, Qt::ControlModifier);
        QVERIFY(shown.plot.isLabelVisible(QStringLiteral("hard")));
        QVERIFY(!shown.plot.isLabelVisible(QStringLiteral("total")));
        QVERIFY(entry(shown.plot, QStringLiteral("hard"))->isChecked());
    }

    void a_zoom_by_wheel_is_kept_while_points_arrive_and_a_double_click_ends_it() {
        ShownPlot shown;
        const auto all = shown.plot.xRange();
        QVERIFY(!shown.plot.isZoomed());
        wheel(shown.canvas(), shown.middle(), 4);
        const auto zoomed = shown.plot.xRange();
        QVERIFY(span(zoomed) < 0.6 * span(all));
        QVERIFY(shown.plot.isZoomed());
        shown.plot.append(QStringLiteral("train"), points(1001, 2000, falling));
        shown.draw();
        QCOMPARE(shown.plot.xRange(), zoomed);
        QTest::mouseDClick(shown.canvas(), Qt::LeftButton, Qt::NoModifier, shown.middle());
        QVERIFY(!shown.plot.isZoomed());
        QVERIFY(shown.plot.xRange().upper >= 2000);
    }

    void the_wheel_zooms_y_with_control_and_over_the_axis() {
        ShownPlot shown;
        const auto x = shown.plot.xRange(), y = shown.plot.yRange();
        wheel(shown.canvas(), shown.middle(), 2, Qt::ControlModifier);
        QCOMPARE(shown.plot.xRange(), x);
        QVERIFY(span(shown.plot.yRange()) < 0.8 * span(y));
        shown.plot.fit();
        wheel(shown.canvas(), QPoint(10, shown.canvas()->height() / 2), 2);
        QCOMPARE(shown.plot.xRange(), x);
        QVERIFY(span(shown.plot.yRange()) < 0.8 * span(y));
    }

    void a_drag_pans() {
        ShownPlot shown;
        const auto before = shown.plot.xRange(), y = shown.plot.yRange();
        const QPoint from = shown.middle();
        QTest::mousePress(shown.canvas(), Qt::LeftButton, Qt::NoModifier, from);
        for (int dx = 10; dx <= 100; dx += 10) {
            const QPoint at = from + QPoint(dx, 0);
            QMouseEvent move(QEvent::MouseMove, at, shown.canvas()->mapToGlobal(at), Qt::NoButton,
                             Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(shown.canvas(), &move);
        }
        QTest::mouseRelease(shown.canvas(), Qt::LeftButton, Qt::NoModifier, from + QPoint(100, 0));
        QVERIFY(shown.plot.xRange().lower < before.lower - 50);
        QVERIFY(std::abs(span(shown.plot.xRange()) - span(before)) < 1e-6);
        QCOMPARE(shown.plot.yRange(), y);
        QVERIFY(shown.plot.isZoomed());
    }

    void keys_zoom_pan_and_fit() {
        ShownPlot shown;
        shown.canvas()->setFocus();
        const auto all = shown.plot.xRange();
        QTest::keyClick(shown.canvas(), Qt::Key_Plus);
        QVERIFY(span(shown.plot.xRange()) < span(all));
        const auto zoomed = shown.plot.xRange();
        QTest::keyClick(shown.canvas(), Qt::Key_Right);
        QVERIFY(shown.plot.xRange().lower > zoomed.lower);
        QTest::keyClick(shown.canvas(), Qt::Key_F);
        QCOMPARE(shown.plot.xRange(), all);
    }

    void the_crosshair_snaps_to_a_step_and_reads_all_visible_series() {
        ShownPlot shown;
        shown.plot.setSmoothing(0);
        shown.plot.setCrosshair(499.7);
        shown.draw();
        const QString text = shown.plot.crosshairText();
        QVERIFY2(text.startsWith(QStringLiteral("step 500\n")), qPrintable(text));
        const QString value = QString::number(falling(500), 'f', 4);
        QVERIFY2(text.contains(QStringLiteral("total  training %1  validation %1").arg(value)),
                 qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("hard  training ")), qPrintable(text));
        shown.plot.setLabelVisible(QStringLiteral("hard"), false);
        shown.draw();
        QVERIFY(!shown.plot.crosshairText().contains(QStringLiteral("hard")));
        shown.plot.clearCrosshair();
        QVERIFY(shown.plot.crosshairText().isEmpty());
    }

    void the_mouse_moves_the_crosshair_and_takes_it_along_when_it_leaves() {
        ShownPlot shown;
        QSignalSpy moved(&shown.plot, &TrainingPlot::crosshairMoved);
        QMouseEvent move(QEvent::MouseMove, shown.middle(), shown.canvas()->mapToGlobal(shown.middle()),
                         Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(shown.canvas(), &move);
        QCOMPARE(moved.count(), 1);
        QVERIFY(shown.plot.crosshairText().contains(QStringLiteral("smoothed")));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(shown.canvas(), &leave);
        QVERIFY(shown.plot.crosshairText().isEmpty());
    }

    void a_logarithmic_axis_survives_zero_and_less() {
        ShownPlot shown;
        shown.plot.append(QStringLiteral("train"),
                          points(1001, 1200, [](double x) { return x < 1100 ? 0.0 : -1.0; }));
        auto* log = shown.plot.findChild<QCheckBox*>();
        QTest::mouseClick(log, Qt::LeftButton, Qt::NoModifier, QPoint(8, log->height() / 2));
        QVERIFY(shown.plot.logScale());
        shown.draw();
        QVERIFY(shown.plot.yRange().lower > 0);
        wheel(shown.canvas(), shown.middle(), -30, Qt::ControlModifier);
        shown.draw();
        QVERIFY(shown.plot.yRange().lower > 0);
    }

    void the_slider_smooths() {
        ShownPlot shown;
        QSignalSpy changed(&shown.plot, &TrainingPlot::smoothingChanged);
        shown.plot.findChild<QSlider*>()->setValue(66);
        QVERIFY(std::abs(shown.plot.smoothing() - 0.99) < 0.002);
        QCOMPARE(changed.count(), 1);
        shown.plot.setSmoothing(0.6);
        QCOMPARE(shown.plot.smoothing(), 0.6);
    }

    void linked_plots_share_steps_and_crosshair() {
        ShownPlot first, second;
        first.plot.linkX(&second.plot);
        first.plot.setXRange(200, 400);
        QCOMPARE(second.plot.xRange(), first.plot.xRange());
        QVERIFY(second.plot.isZoomed());
        first.plot.setCrosshair(300);
        QVERIFY(second.plot.crosshairText().startsWith(QStringLiteral("step 300")));
        second.plot.fit();
        QVERIFY(!first.plot.isZoomed());
        first.draw();
        QVERIFY(span(first.plot.xRange()) > 900);
    }

    void a_plot_that_is_destroyed_leaves_its_link() {
        ShownPlot first;
        {
            ShownPlot second;
            first.plot.linkX(&second.plot);
        }
        first.plot.setXRange(100, 200);
        first.draw();
        QVERIFY(std::abs(first.plot.xRange().lower - 100) < 1e-9);
    }

    void following_keeps_the_newest_step_at_the_edge() {
        ShownPlot shown;
        shown.plot.setXRange(800, 1000);
        shown.plot.setFollow(true);
        shown.plot.append(QStringLiteral("train"), points(1001, 1500, falling));
        shown.draw();
        QVERIFY(shown.plot.xRange().upper >= 1500 && shown.plot.xRange().lower > 1250);
    }

    void percentages_cannot_be_dragged_beyond_their_limits() {
        TrainingPlot plot(QStringLiteral("Agreement"), QStringLiteral("%"), PlotUnit::percent);
        plot.setYRange(-0.5, 0.7);
        QVERIFY(plot.yRange().lower >= 0 && plot.yRange().upper <= 1);
    }

    void marks_belong_to_their_run_and_have_a_tooltip() {
        ShownPlot shown;
        shown.plot.setEventMarks(1, {{500, QStringLiteral("T 4→8"), QStringLiteral("Temperature"), 1}});
        shown.plot.setEventMarks(2, {{100, QStringLiteral("T 1→2"), {}, 2}});
        QCOMPARE(shown.plot.eventMarks().size(), 2);
        QCOMPARE(shown.plot.eventMarks().front().x, 100.0);
        shown.plot.setRunVisible(2, false);
        QCOMPARE(shown.plot.eventMarks().size(), 1);
        shown.plot.removeRun(1);
        QVERIFY(shown.plot.eventMarks().isEmpty());
    }

    void runs_appear_in_the_legend_when_there_are_two() {
        ShownPlot shown;
        shown.plot.setRunName(1, QStringLiteral("first"));
        QVERIFY(!entry(shown.plot, QStringLiteral("first")));
        SeriesSpec other = spec("total", "training", SeriesRole::raw);
        other.run = 2;
        shown.plot.addSeries(QStringLiteral("2/train"), other);
        shown.plot.setRunName(2, QStringLiteral("second"));
        QTest::mouseClick(entry(shown.plot, QStringLiteral("second")), Qt::LeftButton);
        QVERIFY(!shown.plot.isSeriesVisible(QStringLiteral("2/train")));
        QVERIFY(shown.plot.isSeriesVisible(QStringLiteral("train")));
    }

    void colours_follow_the_palette() {
        ShownPlot shown;
        const auto corner = [&] { return shown.canvas()->grab().toImage().pixelColor(2, 2); };
        shown.plot.setPalette(style::lightPalette());
        shown.draw();
        QVERIFY(corner().lightness() > 200);
        shown.plot.setPalette(style::darkPalette());
        shown.draw();
        QTRY_VERIFY(corner().lightness() < 60);
    }

    void an_empty_plot_says_how_curves_come_and_clear_goes_back_to_that() {
        ShownPlot shown;
        shown.plot.clear();
        shown.draw();
        QVERIFY(shown.plot.seriesIds().isEmpty());
        QVERIFY(shown.plot.findChildren<LegendButton*>().isEmpty());
        const QImage empty = shown.canvas()->parentWidget()->grab().toImage();
        shown.plot.setEmptyText(QString());
        QVERIFY(shown.canvas()->parentWidget()->grab().toImage() != empty);
    }
};

QTEST_MAIN(TrainingPlotTest)
#include "training_plot_test.moc"
