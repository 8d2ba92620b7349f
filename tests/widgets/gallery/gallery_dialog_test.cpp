// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "widgets/gallery/gallery_dialog.h"
#include "widgets/gallery/sample_preview.h"
#include "widgets/style/palette.h"

using namespace limbeck;

Q_DECLARE_METATYPE(limbeck::ExperimentConfig)

namespace {

QPushButton* create(QWidget& dialog) {
    for (QPushButton* button : dialog.findChildren<QPushButton*>())
        if (button->text().remove('&') == "Create") return button;
    return nullptr;
}

} // namespace

class GalleryDialogTest : public QObject {
    Q_OBJECT

  private slots:

    void lists_every_sample_and_gives_its_configuration() {
        GalleryDialog dialog;
        QCOMPARE(std::size_t(dialog.findChild<QListWidget*>()->count()), sample_experiments().size());
        for (const SampleExperiment& sample : sample_experiments()) {
            QVERIFY(dialog.select(QString::fromUtf8(sample.id.data(), qsizetype(sample.id.size()))));
            QVERIFY(dialog.config() == sample.config);
            QVERIFY(!dialog.findChild<QListWidget*>()->currentItem()->icon().isNull());
        }
        QVERIFY(!dialog.select("no-such-sample"));
    }

    void the_keyboard_alone_creates_an_experiment() {
        GalleryDialog dialog;
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog));
        QSignalSpy chosen(&dialog, &GalleryDialog::chosen);
        auto* list = dialog.findChild<QListWidget*>();
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Return);
        QCOMPARE(chosen.count(), 1);
        QVERIFY(chosen.last().first().value<ExperimentConfig>() == sample_experiments()[1].config);
        QVERIFY(!dialog.isVisible());
    }

    void a_sample_in_a_folder_wants_the_folder_first() {
        GalleryDialog dialog;
        dialog.show();
        QVERIFY(dialog.select("fashion-mnist"));
        QVERIFY(!create(dialog)->isEnabled());
        auto* list = dialog.findChild<QListWidget*>();
        QTest::keyClick(list, Qt::Key_Return);
        QVERIFY(dialog.isVisible());
        QLineEdit* folder = nullptr;
        for (QLineEdit* edit : dialog.findChildren<QLineEdit*>())
            if (edit->accessibleName() == "Folder of the data set") folder = edit;
        QVERIFY(folder && folder->isVisible());
        QTest::keyClicks(folder, "/data/fashion");
        QVERIFY(create(dialog)->isEnabled());
        QCOMPARE(dialog.config().data.dataset.path, std::string("/data/fashion"));
        QVERIFY(check(dialog.config()).empty());
        dialog.select("glyphs");
        QVERIFY(!folder->isVisible());
        QCOMPARE(dialog.config().data.dataset.path, std::string());
    }

    void each_kind_of_data_has_a_picture_of_its_own() {
        QList<QImage> seen;
        for (const DatasetEntry& entry : dataset_catalogue()) {
            const QImage image =
                samplePreview({std::string(entry.kind), {}}, 56, style::lightPalette(), 1).toImage();
            if (entry.kind != "cifar100") QVERIFY2(!seen.contains(image), entry.kind.data());
            seen << image;
        }
        QVERIFY(samplePreview({"moons", {}}, 56, style::darkPalette(), 2).toImage().pixelColor(60, 20) !=
                QColor(Qt::white));
    }
};

QTEST_MAIN(GalleryDialogTest)
#include "gallery_dialog_test.moc"
