// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "app/document/document.h"
#include "app/document/paths.h"
#include "app/settings.h"
#include "backend/types/catalogue.h"
#include "tests/support/fake_engine.h"

using namespace limbeck;

/// Paths are bytes; the window's texts are Unicode.
class TestPaths : public QObject {
    Q_OBJECT

  private slots:

    void any_bytes_go_into_a_text_and_back_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("plain") << QByteArray("/home/me/spirals");
        QTest::newRow("umlauts, Han, an emoji") << QByteArray("/tmp/Größe/蒸馏/🧪");
        QTest::newRow("Latin-1") << QByteArray("/tmp/Gr\xf6\xdf"
                                               "e");
        QTest::newRow("cut off") << QByteArray("/tmp/\xe8\x92");
        QTest::newRow("surrogate in UTF-8") << QByteArray("/tmp/\xed\xb3\xa9");
        QTest::newRow("stray next to an emoji") << QByteArray("/\xf0\x9f\xa7\xaa\xff\xf0\x9f\xa7\xaa\x80");
        QByteArray all = "/";
        for (int byte = 1; byte < 256; ++byte)
            all += static_cast<char>(byte);
        QTest::newRow("every byte") << all;
    }

    void any_bytes_go_into_a_text_and_back() {
        QFETCH(QByteArray, bytes);
        const QString text = text_of_path(bytes.toStdString());
        QCOMPARE(QByteArray::fromStdString(path_of_text(text).native()), bytes);
        if (QString::fromUtf8(bytes).toUtf8() == bytes) QCOMPARE(text, QString::fromUtf8(bytes));
    }

    void a_project_whose_path_is_no_utf8_is_opened_saved_and_remembered() {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath("settings"));
        const std::filesystem::path parent = folder_.path().toStdString();
        const QString target = text_of_path(parent / "caf\xe9 \xff");
        auto host = std::make_shared<EngineHost>(test::fake_engine());
        Document document(host, Scratch(folder_.filePath("untitled")));
        QVERIFY(document.createUntitled(find_sample("moons")->config));
        QVERIFY(document.saveAs(target));
        QVERIFY(std::filesystem::exists(parent / "caf\xe9 \xff" / "project.limbeck"));
        ExperimentConfig next = document.config();
        next.distillation.temperature = 3.25;
        document.edit(next);
        QVERIFY(document.save());
        QVERIFY(document.createUntitled(find_sample("circles")->config));

        Settings settings;
        settings.addRecentProject(target);
        QCOMPARE(settings.recentProjects(), QStringList{target});
        const auto opened = document.open(settings.recentProjects().constFirst());
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE(document.config(), next);
        QCOMPARE(document.title(), QStringLiteral("caf\uFFFD \uFFFD"));
        QVERIFY(!document.isUntitled());
        QCOMPARE(path_of_text(document.folder()), parent / "caf\xe9 \xff");
    }

  private:
    QTemporaryDir folder_;
};

QTEST_MAIN(TestPaths)
#include "test_paths.moc"
