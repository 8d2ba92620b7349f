// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QLabel>
#include <QSignalSpy>
#include <QTableWidget>
#include <QToolButton>
#include <QtTest>

#include "widgets/cards/network_card.h"
#include "widgets/cards/network_details.h"

using namespace limbeck;

namespace {

/// A network with a repetition: two equal convolutions one after the other.
std::vector<LayerFacts> layers() {
    return {{"conv1", "conv 3×3", {16, 32, 32}, 432, 1728, 442368, 65536},
            {"bn1", "batch norm", {16, 32, 32}, 32, 256, 0, 65536},
            {"layer1.0.conv1", "conv 3×3", {16, 32, 32}, 2304, 9216, 2359296, 65536},
            {"pool", "average pool", {16}, 0, 0, 0, 64},
            {"fc", "linear", {10}, 170, 680, 160, 40}};
}

} // namespace

class NetworkDetailsTest : public QObject {
    Q_OBJECT

  private slots:

    void lists_every_layer_and_their_sum() {
        NetworkDetails details;
        details.setNetwork("resnet", {3, 32, 32}, layers());
        const QTableWidget* table = details.table();
        QCOMPARE(table->rowCount(), 6);
        QCOMPARE(table->item(0, 2)->text(), QString("16×32×32"));
        QCOMPARE(table->item(5, 0)->text(), QString("Sum"));
        QCOMPARE(table->item(5, 3)->text(), QString("2,938"));
        QCOMPARE(table->item(5, 5)->text(), QString("2,801,824"));
        QVERIFY(table->item(0, 3)->textAlignment() & Qt::AlignRight);
    }

    void draws_repetitions_as_one_block() {
        NetworkDetails details;
        details.setNetwork("resnet", {3, 32, 32}, layers());
        // input, both convolutions together, pooling, classifier
        QCOMPARE(details.drawing()->blockCount(), 4);
        details.show();
        QVERIFY(QTest::qWaitForWindowExposed(&details));
        QVERIFY(!details.grab().toImage().isNull());
    }

    void copies_the_table_with_the_keyboard() {
        NetworkDetails details;
        details.setNetwork("resnet", {3, 32, 32}, layers());
        details.show();
        QVERIFY(QTest::qWaitForWindowExposed(&details));
        QTest::keyClick(&details, Qt::Key_C, Qt::ControlModifier);
        const QStringList lines = QGuiApplication::clipboard()->text().split('\n');
        QCOMPARE(lines.size(), 7);
        QVERIFY(lines[1].startsWith("conv1\tconv 3×3\t16×32×32\t432"));
    }

    void says_why_there_is_nothing_to_show() {
        NetworkDetails details;
        details.setNetwork("resnet", {3, 32, 32}, layers());
        details.setProblem("resnet", "resnet needs pictures");
        QCOMPARE(details.table()->rowCount(), 0);
        const auto labels = details.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->text() == "resnet: resnet needs pictures";
        }));
    }

    void are_asked_for_on_the_card() {
        NetworkCard card(Role::student);
        card.show();
        QSignalSpy asked(&card, &NetworkCard::detailsRequested);
        QTest::mouseClick(card.findChild<QToolButton*>("details"), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
    }
};

QTEST_MAIN(NetworkDetailsTest)
#include "network_details_test.moc"
