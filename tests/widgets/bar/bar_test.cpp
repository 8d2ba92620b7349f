// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QStyle>
#include <QStyleFactory>
#include <QToolButton>
#include <QVBoxLayout>
#include <QtTest>

#include <memory>

#include "widgets/bar/message_bar.h"
#include "widgets/bar/plain_bar.h"
#include "widgets/bar/progress_strip.h"
#include "widgets/style/palette.h"

using namespace limbeck;

namespace {

QToolButton* button(QWidget& owner, const QString& name) {
    for (QToolButton* found : owner.findChildren<QToolButton*>())
        if (found->accessibleName() == name) return found;
    return nullptr;
}

bool shows(const QWidget& owner, const QString& text) {
    for (const QLabel* label : owner.findChildren<QLabel*>())
        if (label->isVisibleTo(&owner) && label->text() == text) return true;
    return false;
}

/// Counts how often a widget is painted.
struct PaintCounter : QObject {
    int count = 0;

    bool eventFilter(QObject*, QEvent* event) override {
        count += event->type() == QEvent::Paint;
        return false;
    }
};

QList<QRect> places(const ProgressStrip& strip) {
    QList<QRect> all;
    for (const QWidget* child : strip.findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
        all << child->geometry();
    return all;
}

} // namespace

class BarTest : public QObject {
    Q_OBJECT

  private slots:

    void takes_no_room_while_there_is_nothing_to_say() {
        MessageBar bar;
        QVERIFY(bar.isHidden());
        bar.post({Severity::warning, "Something", {}, {}, {}, {}});
        QVERIFY(!bar.isHidden());
        bar.dismissCurrent();
        QVERIFY(bar.isHidden());
    }

    void several_messages_queue_up_and_each_stays_until_dealt_with() {
        MessageBar bar;
        QSignalSpy counts(&bar, &MessageBar::countChanged);
        for (const char* text : {"one", "two", "three"})
            bar.post({Severity::information, text, {}, {}, {}, {}});
        QCOMPARE(bar.count(), 3);
        QVERIFY(shows(bar, "three"));
        QVERIFY(shows(bar, "3 of 3"));
        QTest::mouseClick(button(bar, "Previous message"), Qt::LeftButton);
        QVERIFY(shows(bar, "two"));
        QVERIFY(shows(bar, "2 of 3"));
        QTest::mouseClick(button(bar, "Close this message"), Qt::LeftButton);
        QCOMPARE(bar.count(), 2);
        QVERIFY(!shows(bar, "two"));
        QTest::mouseClick(button(bar, "Next message"), Qt::LeftButton);
        bar.dismissCurrent();
        QVERIFY(!shows(bar, "1 of 1"));
        QCOMPARE(counts.last().first().toInt(), 1);
    }

    void the_action_deals_with_the_message_and_may_post_another() {
        MessageBar bar;
        int done = 0;
        bar.post({Severity::error,
                  "Broken",
                  {},
                  "Mend",
                  [&] {
                      ++done;
                      bar.post({Severity::information, "Mended", {}, {}, {}, {}});
                  },
                  {}});
        bar.show();
        QTest::mouseClick(bar.findChild<QPushButton*>(), Qt::LeftButton);
        QCOMPARE(done, 1);
        QCOMPARE(bar.count(), 1);
        QCOMPARE(bar.current()->text, QString("Mended"));
        QVERIFY(!bar.findChild<QPushButton*>()->isVisible());
    }

    void a_message_may_offer_a_choice_and_closing_it_chooses_nothing() {
        MessageBar bar;
        QStringList done;
        const Message offer{Severity::information,
                            "Something is left",
                            {},
                            "Restore",
                            [&] { done << "restored"; },
                            "offer",
                            "Discard",
                            [&] { done << "discarded"; }};
        bar.show();
        bar.post(offer);
        QTest::mouseClick(bar.findChild<QPushButton*>("messageSecondAction"), Qt::LeftButton);
        QCOMPARE(done, QStringList{"discarded"});
        QCOMPARE(bar.count(), 0);
        bar.post(offer);
        QTest::mouseClick(bar.findChild<QPushButton*>("messageAction"), Qt::LeftButton);
        QCOMPARE(done.last(), QString("restored"));
        bar.post(offer);
        QTest::mouseClick(button(bar, "Close this message"), Qt::LeftButton);
        QCOMPARE(bar.count(), 0);
        QCOMPARE(done.size(), 2);
        bar.post({Severity::information, "No choice", {}, {}, {}, {}});
        QVERIFY(!bar.findChild<QPushButton*>("messageSecondAction")->isVisible());
    }

    void a_lasting_message_goes_only_when_it_is_taken_back() {
        MessageBar bar;
        int tried = 0;
        bar.show();
        bar.post({Severity::error, "Saving stopped", {}, "Retry", [&] { ++tried; }, "saving", {}, {}, true});
        QVERIFY(!button(bar, "Close this message")->isVisible());
        QTest::keyClick(&bar, Qt::Key_Escape);
        QCOMPARE(bar.count(), 1);
        QTest::mouseClick(bar.findChild<QPushButton*>("messageAction"), Qt::LeftButton);
        QTest::mouseClick(bar.findChild<QPushButton*>("messageAction"), Qt::LeftButton);
        QCOMPARE(tried, 2);
        QCOMPARE(bar.count(), 1);
        bar.post({Severity::information, "Another", {}, {}, {}, {}});
        QVERIFY(button(bar, "Close this message")->isVisible());
        bar.dismiss("saving");
        QCOMPARE(bar.count(), 1);
    }

    void a_message_takes_the_place_of_one_with_the_same_key_and_can_be_taken_back() {
        MessageBar bar;
        bar.post({Severity::warning, "Disk is 90 % full", {}, {}, {}, "disk"});
        bar.post({Severity::information, "Other", {}, {}, {}, {}});
        bar.post({Severity::error, "Disk is full", {}, {}, {}, "disk"});
        QCOMPARE(bar.count(), 2);
        QCOMPARE(bar.current()->text, QString("Disk is full"));
        bar.dismiss("disk");
        QCOMPARE(bar.count(), 1);
        QCOMPARE(bar.current()->text, QString("Other"));
        bar.dismiss("disk");
        QCOMPARE(bar.count(), 1);
    }

    void long_text_wraps_can_be_selected_and_details_open() {
        MessageBar bar;
        bar.post({Severity::error, QString("word ").repeated(80), "the whole story", {}, {}, {}});
        bar.resize(500, bar.heightForWidth(500));
        bar.show();
        const auto labels = bar.findChildren<QLabel*>();
        const auto text = std::find_if(labels.begin(), labels.end(),
                                       [](const QLabel* label) { return label->text().startsWith("word"); });
        QVERIFY(text != labels.end());
        QVERIFY((*text)->wordWrap());
        QVERIFY((*text)->textInteractionFlags() & Qt::TextSelectableByMouse);
        auto* detail = bar.findChild<QPlainTextEdit*>();
        QVERIFY(!detail->isVisible());
        QTest::mouseClick(button(bar, "Show the long text"), Qt::LeftButton);
        QVERIFY(detail->isVisible());
        QCOMPARE(detail->toPlainText(), QString("the whole story"));
    }

    void escape_closes_the_message_in_view() {
        MessageBar bar;
        bar.post({Severity::error, "Broken", {}, {}, {}, {}});
        QTest::keyClick(&bar, Qt::Key_Escape);
        QCOMPARE(bar.count(), 0);
    }

    void the_bar_is_filled_as_far_as_it_says_from_where_reading_begins_data() {
        QTest::addColumn<Qt::LayoutDirection>("direction");
        QTest::addColumn<bool>("dark");
        for (const bool dark : {false, true}) {
            QTest::addRow("to the right, %s", dark ? "dark" : "light") << Qt::LeftToRight << dark;
            QTest::addRow("to the left, %s", dark ? "dark" : "light") << Qt::RightToLeft << dark;
        }
    }

    void the_bar_is_filled_as_far_as_it_says_from_where_reading_begins() {
        QFETCH(Qt::LayoutDirection, direction);
        QFETCH(bool, dark);
        PlainBar bar;
        bar.setPalette(dark ? style::darkPalette() : style::lightPalette());
        bar.setLayoutDirection(direction);
        bar.setTextVisible(false);
        bar.resize(202, 20);
        bar.setValue(30);
        const QImage picture = bar.grab().toImage();
        const auto at = [&](int percent) {
            const int x = direction == Qt::LeftToRight ? 1 + 2 * percent : 200 - 2 * percent;
            return picture.pixelColor(x, 10);
        };
        QCOMPARE(at(2), at(28));
        QCOMPARE(at(32), at(98));
        QVERIFY(at(28) != at(32));
        QCOMPARE(at(98), bar.palette().color(QPalette::Base));
    }

    void a_bar_that_was_busy_is_not_painted_without_need() {
        const std::unique_ptr<QStyle> fusion(QStyleFactory::create(QStringLiteral("Fusion")));
        PlainBar bar;
        bar.setStyle(fusion.get());
        PaintCounter painted;
        bar.installEventFilter(&painted);
        bar.setRange(0, 0);
        bar.resize(200, 20);
        bar.show();
        QTRY_VERIFY(painted.count > 3); // it moves
        painted.count = 0;
        bar.setRange(0, 100);
        bar.setValue(0); // as at the start of a run: the style paints no part of it
        QTRY_VERIFY(painted.count > 0);
        QTest::qWait(300); // a dozen pictures of the animation
        QVERIFY2(painted.count <= 3, qPrintable(QString::number(painted.count)));
    }

    void names_the_stage_or_warm_up_that_is_on() {
        ProgressStrip strip;
        ProgressValues values{"Student", 1, 20, 0.05, 3412, 24, false};
        values.phase = "initial stage";
        strip.setProgress(values);
        QCOMPARE(strip.phaseText(), QString("initial stage"));
        values.phase.clear();
        strip.setProgress(values);
        QCOMPARE(strip.phaseText(), QString());
    }

    void the_strip_says_how_far_it_is() {
        ProgressStrip strip;
        strip.setProgress({"Student", 12, 20, 0.62, 3412.4, 24, false});
        strip.setSecondsSinceSave(2);
        QCOMPARE(strip.activityText(), QString("Student"));
        QCOMPARE(strip.epochText(), QString("epoch 12/20"));
        QCOMPARE(strip.rateText(), QString("3,412 samples/s"));
        QCOMPARE(strip.timeLeftText(), QString("0:24 left"));
        QCOMPARE(strip.savedText(), QString("saved 2 s ago"));
        const auto* bar = strip.findChild<QProgressBar*>();
        QCOMPARE(bar->value() * 100, 62 * bar->maximum());
        strip.setProgress({"Student", 12, 20, 0.62, 3412, 24, true});
        QCOMPARE(strip.activityText(), QString("Student, paused"));
        QCOMPARE(strip.rateText(), QString());
        strip.setIdle("Finished in 1:24");
        QCOMPARE(strip.activityText(), QString("Finished in 1:24"));
        QCOMPARE(strip.epochText(), QString());
    }

    void what_is_not_known_is_left_out() {
        ProgressStrip strip;
        strip.setProgress({"Loading LibTorch…", 0, 0, -1, 0, -1, false});
        QCOMPARE(strip.epochText() + strip.rateText() + strip.timeLeftText() + strip.savedText(), QString());
        QCOMPARE(strip.findChild<QProgressBar*>()->maximum(), 0); // busy
    }

    void nothing_in_the_strip_moves_while_numbers_change() {
        ProgressStrip strip;
        strip.resize(1000, 24);
        strip.show();
        QVERIFY(QTest::qWaitForWindowExposed(&strip));
        const QList<QRect> before = places(strip);
        const int narrowest = strip.minimumSizeHint().width();
        for (const ProgressValues& values : {ProgressValues{"Student", 1, 9, 0.1, 12, 3, false},
                                             {"Student alone", 9999, 10000, 0.999, 9876543, 359999, true},
                                             {"Loading LibTorch…", 0, 0, -1, 0, -1, false}}) {
            strip.setProgress(values);
            strip.setSecondsSinceSave(values.fraction * 4000);
            QCoreApplication::sendPostedEvents();
            QCOMPARE(places(strip), before);
            QCOMPARE(strip.minimumSizeHint().width(), narrowest);
        }
        strip.setIdle();
        QCoreApplication::sendPostedEvents();
        QCOMPARE(places(strip), before);
        QVERIFY2(narrowest <= 1000, qPrintable(QString::number(narrowest)));
    }

    void the_strip_does_not_call_saved_what_is_not() {
        ProgressStrip strip;
        strip.setSecondsSinceSave(2);
        strip.setSavingStopped(true);
        QCOMPARE(strip.savedText(), QString("not saved"));
        strip.setSecondsSinceSave(5); // of the last save that worked
        QCOMPARE(strip.savedText(), QString("not saved"));
        strip.setSavingStopped(false);
        QCOMPARE(strip.savedText(), QString("saved 5 s ago"));
    }

    void the_time_since_the_last_save_goes_on() {
        ProgressStrip strip;
        strip.setSecondsSinceSave(58.5);
        QCOMPARE(strip.savedText(), QString("saved 58 s ago"));
        QTRY_COMPARE_WITH_TIMEOUT(strip.savedText(), QString("saved 1 min ago"), 4000);
        strip.setSecondsSinceSave(7300);
        QCOMPARE(strip.savedText(), QString("saved 2 h ago"));
        strip.setSecondsSinceSave(std::nullopt);
        QCOMPARE(strip.savedText(), QString());
    }
};

QTEST_MAIN(BarTest)
#include "bar_test.moc"
