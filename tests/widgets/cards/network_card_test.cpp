// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QtTest>

#include "widgets/cards/network_card.h"

using namespace limbeck;

class NetworkCardTest : public QObject {
    Q_OBJECT

  private slots:

    void shows_what_is_known_in_the_words_of_the_window() {
        NetworkCard card(Role::teacher);
        card.setTitle("resnet20");
        card.setFacts({272474, 1103920, 81500000, 2.31, 0.9886, 0.98712, {}});
        QCOMPARE(card.title(), QString("resnet20"));
        QCOMPARE(card.text("parameters"), QString("272 k"));
        QCOMPARE(card.text("size"), QString("1.1 MB"));
        QVERIFY(card.text("flops").endsWith("MFLOP"));
        QVERIFY(card.text("latency").endsWith("ms"));
        QCOMPARE(card.text("validation"), QString("98.9 %"));
        QCOMPARE(card.text("test"), QString("98.7 %"));
    }

    void what_is_not_known_is_a_dash_that_says_why() {
        NetworkCard card(Role::student);
        for (const char* row : {"parameters", "size", "flops", "latency", "validation", "test"})
            QCOMPARE(card.text(row), QString("—"));
        NetworkFacts facts;
        facts.why_unknown = "The engine cannot be loaded.";
        card.setFacts(facts);
        int told = 0;
        for (const QLabel* label : card.findChildren<QLabel*>())
            if (label->text() == "—") told += label->toolTip() == facts.why_unknown;
        QCOMPARE(told, 6);
    }

    void keeps_its_height_while_values_arrive() {
        NetworkCard card(Role::student);
        card.setTitle("mlp:hidden=32");
        const int before = card.sizeHint().height();
        card.setFacts({25450, 102880, 50800, 0.021, 0.9311, 0.93, {}});
        QCOMPARE(card.sizeHint().height(), before);
    }

    void fits_the_narrow_form_with_the_widest_values() {
        NetworkCard card(Role::teacher);
        card.setTitle("a-very-long-network:hidden=1024x1024x1024x1024,weights=/a/very/long/path.safetensors");
        card.setFacts({125600000, 999900000, 1800000000, 999.9, 1.0, 1.0, {}});
        QVERIFY2(card.minimumSizeHint().width() <= 320,
                 qPrintable(QString::number(card.minimumSizeHint().width())));
    }
};

QTEST_MAIN(NetworkCardTest)
#include "network_card_test.moc"
