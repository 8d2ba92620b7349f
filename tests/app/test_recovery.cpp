// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/document/document.h"
#include "app/document/paths.h"
#include "app/recovery/recovery_writer.h"
#include "backend/types/catalogue.h"
#include "tests/support/fake_engine.h"

using namespace limbeck;

namespace {

QByteArray content(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

void put(const QString& file, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(file).absolutePath());
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    QCOMPARE(out.write(bytes), bytes.size());
}

RecoveryNote note() {
    RecoveryNote note;
    note.project = text_of_path("/home/me/caf\xe9");
    note.written = QDateTime(QDate(2026, 5, 1), QTime(10, 20, 30));
    note.saved = note.edited = find_sample("moons")->config;
    note.edited.distillation.temperature = 6;
    note.edited.training.epochs = 31;
    return note;
}

} // namespace

/// The file of unsaved edits: when it is there, what is in it, and what becomes of one that is damaged.
class TestRecovery : public QObject {
    Q_OBJECT

  private slots:

    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        root_ = folder_->filePath("settings/recovery");
        host_ = std::make_shared<EngineHost>(test::fake_engine());
        document_ = std::make_unique<Document>(host_, Scratch(folder_->filePath("untitled")));
        QVERIFY(document_->createUntitled(find_sample("moons")->config));
        QVERIFY(document_->saveAs(folder_->filePath("spirals")));
        writer_ = std::make_unique<RecoveryWriter>(*document_, RecoveryFolder(root_));
    }

    void cleanup() {
        writer_.reset();
        document_.reset();
        host_.reset();
        folder_.reset();
    }

    void a_note_comes_back_as_it_was() {
        const auto back = RecoveryNote::decode(note().encoded());
        QVERIFY2(back, back ? "" : back.error().message.c_str());
        QCOMPARE(back->project, note().project);
        QCOMPARE(back->written, note().written);
        QCOMPARE(back->saved, note().saved);
        QCOMPARE(back->edited, note().edited);
        QCOMPARE(worded(differences(back->saved, back->edited)),
                 QStringLiteral("Temperature %1 → 6, Epochs %2 → 31")
                     .arg(note().saved.distillation.temperature)
                     .arg(note().saved.training.epochs));
    }

    void a_nought_that_stands_for_something_is_called_what_the_form_calls_it() {
        ExperimentConfig before, after;
        before.data.samples = 0;
        after.data.samples = 1234;
        QCOMPARE(worded(differences(before, after)), QStringLiteral("Samples automatic → 1234"));
    }

    void every_flipped_bit_and_every_cut_is_noticed() {
        const QByteArray whole = note().encoded();
        for (qsizetype at = 0; at < whole.size(); ++at) {
            QByteArray flipped = whole;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
            QVERIFY2(!RecoveryNote::decode(flipped), qPrintable(QString::number(at)));
            if (at % 7 == 0)
                QVERIFY2(!RecoveryNote::decode(whole.first(at)), qPrintable(QString::number(at)));
        }
    }

    void it_is_written_soon_after_an_edit_and_says_what_differs() {
        QSignalSpy settled(writer_.get(), &RecoveryWriter::settled);
        QElapsedTimer since;
        since.start();
        setTemperature(6);
        QTRY_COMPARE(settled.size(), 1);
        QVERIFY(since.elapsed() >= RecoveryWriter::delayMs / 2);
        const auto read = RecoveryNote::decode(content(writer_->file()));
        QVERIFY(read);
        QCOMPARE(read->project, folder_->filePath("spirals"));
        QCOMPARE(read->edited, document_->config());
        QCOMPARE(read->saved, find_sample("moons")->config);
        QVERIFY(!read->untitled);
    }

    void edits_without_a_pause_do_not_put_it_off() {
        QSignalSpy settled(writer_.get(), &RecoveryWriter::settled);
        double value = 1;
        QTRY_VERIFY_WITH_TIMEOUT((setTemperature(value += 0.01), !settled.isEmpty()), 5000);
    }

    void it_goes_with_save_with_undo_and_with_another_project() {
        const auto edit = [this] {
            setTemperature(document_->config().distillation.temperature + 1);
            QTRY_VERIFY(QFileInfo::exists(writer_->file()));
        };
        edit();
        QVERIFY(document_->save());
        QTRY_VERIFY(!QFileInfo::exists(writer_->file()));
        edit();
        document_->undoStack()->undo();
        QTRY_VERIFY(!QFileInfo::exists(writer_->file()));
        edit();
        QVERIFY(document_->createUntitled(find_sample("circles")->config));
        QTRY_VERIFY(!QFileInfo::exists(writer_->file()));
        edit();
        const QString file = writer_->file();
        writer_.reset(); // a clean exit
        QVERIFY(!QFileInfo::exists(file));
        QVERIFY(QDir(root_).isEmpty());
    }

    void the_document_is_not_touched_by_it() {
        const auto database = [this] { return content(folder_->filePath("spirals/project.limbeck")); };
        const QByteArray before = database();
        setTemperature(6);
        QTRY_VERIFY(QFileInfo::exists(writer_->file()));
        QCOMPARE(database(), before);
        QVERIFY(writer_->file().startsWith(root_));
    }

    void a_running_program_s_file_is_never_offered() {
        setTemperature(6);
        QTRY_VERIFY(QFileInfo::exists(writer_->file()));
        QCOMPARE(RecoveryFolder(root_).look().left.size(), std::size_t(0));
        QVERIFY(QFileInfo::exists(writer_->file()));
    }

    void a_dead_program_s_file_is_found_once_at_a_time() {
        QVERIFY(RecoveryFolder::write(root_ + "/20260501-1.recovery", note()));
        put(root_ + "/20260501-1.recovery.lock", {}); // left by a killed program: nobody holds it
        const RecoveryFolder folder(root_);
        {
            const auto first = folder.look();
            QCOMPARE(first.left.size(), std::size_t(1));
            QCOMPARE(first.left.front().note.edited, note().edited);
            QCOMPARE(folder.look().left.size(), std::size_t(0)); // another window offers it already
        }
        QCOMPARE(folder.look().left.size(), std::size_t(1)); // that one closed the offer
    }

    void garbage_is_put_aside_and_the_rest_is_found() {
        QVERIFY(RecoveryFolder::write(root_ + "/good.recovery", note()));
        QByteArray flipped = note().encoded();
        flipped[flipped.size() - 30] ^= 1;
        put(root_ + "/flipped.recovery", flipped);
        put(root_ + "/empty.recovery", {});
        put(root_ + "/noise.recovery", QByteArray(100000, '\xfe'));
        put(root_ + "/huge.recovery", QByteArray(5 << 20, ' '));
        put(root_ + "/unrelated.txt", "keep");
        put(root_ + "/half.recovery.aBcDeF", "a temporary file of a killed program");
        QDir(root_).mkdir("folder.recovery");
        QFile::link("/dev/zero", root_ + "/link.recovery");
        const auto found = RecoveryFolder(root_).look();
        QCOMPARE(found.left.size(), std::size_t(1));
        QCOMPARE(found.damaged.size(), 6);
        for (const QString& file : found.damaged)
            QVERIFY2(file.endsWith(".damaged"), qPrintable(file));
        QCOMPARE(content(root_ + "/flipped.recovery.damaged"), flipped);
        QVERIFY(QFileInfo::exists(root_ + "/unrelated.txt"));
        QVERIFY(!QFileInfo::exists(root_ + "/half.recovery.aBcDeF"));
        QVERIFY(RecoveryFolder(root_).look().damaged.isEmpty()); // said once
    }

    void a_folder_that_cannot_be_written_is_told_once_and_until_it_works() {
        writer_ =
            std::make_unique<RecoveryWriter>(*document_, RecoveryFolder(folder_->filePath("file/recovery")));
        put(folder_->filePath("file"), "no folder");
        QSignalSpy failed(writer_.get(), &RecoveryWriter::failed);
        QSignalSpy settled(writer_.get(), &RecoveryWriter::settled);
        setTemperature(6);
        QTRY_COMPARE(failed.size(), 1);
        writer_->writeNow();
        QVERIFY(writer_->isWriting());
        QTRY_VERIFY(!writer_->isWriting());
        QVERIFY(QFile::remove(folder_->filePath("file")));
        setTemperature(7);
        QTRY_COMPARE(settled.size(), 1);
        QCOMPARE(failed.size(), 1);
    }

  private:
    void setTemperature(double value) {
        ExperimentConfig next = document_->config();
        next.distillation.temperature = value;
        document_->edit(next);
    }

    std::unique_ptr<QTemporaryDir> folder_;
    QString root_;
    std::shared_ptr<EngineHost> host_;
    std::unique_ptr<Document> document_;
    std::unique_ptr<RecoveryWriter> writer_;
};

QTEST_MAIN(TestRecovery)
#include "test_recovery.moc"
