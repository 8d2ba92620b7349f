// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/document/document.h"
#include "backend/types/catalogue.h"
#include "tests/support/fake_engine.h"

using namespace limbeck;

/// What the document says of edits, names and what would be lost.
class TestDocument : public QObject {
    Q_OBJECT

  private slots:

    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        host_ = std::make_shared<EngineHost>(test::fake_engine());
        document_ = std::make_unique<Document>(host_, Scratch(folder_->filePath("untitled")));
        const auto made = document_->createUntitled(find_sample("moons")->config);
        QVERIFY2(made, made ? "" : made.error().message.c_str());
    }

    void cleanup() {
        document_.reset();
        host_.reset();
        folder_.reset();
    }

    void a_fresh_sample_has_nothing_to_lose() {
        QVERIFY(document_->isUntitled());
        QVERIFY(!document_->isModified());
        QCOMPARE(document_->title(), QStringLiteral("Untitled"));
    }

    void an_edit_marks_it_and_undo_takes_the_mark_away() {
        QSignalSpy modified(document_.get(), &Document::modifiedChanged);
        editTemperature(7);
        QVERIFY(document_->isModified());
        QCOMPARE(modified.last().at(0).toBool(), true);
        document_->undoStack()->undo();
        QVERIFY(!document_->isModified());
        QCOMPARE(document_->config().distillation.temperature,
                 find_sample("moons")->config.distillation.temperature);
    }

    void typing_in_one_field_is_one_step_to_undo() {
        const double before = document_->config().distillation.temperature;
        for (double value : {7.0, 7.5, 7.25})
            editTemperature(value);
        QCOMPARE(document_->undoStack()->count(), 1);
        document_->undoStack()->undo();
        QCOMPARE(document_->config().distillation.temperature, before);
        document_->undoStack()->redo();
        QCOMPARE(document_->config().distillation.temperature, 7.25);
    }

    void a_value_that_is_back_where_it_was_leaves_no_step() {
        const double before = document_->config().distillation.temperature;
        editTemperature(9);
        editTemperature(before);
        QCOMPARE(document_->undoStack()->count(), 0);
        QVERIFY(!document_->isModified());
    }

    void several_settings_at_once_are_one_step() {
        ExperimentConfig next = document_->config();
        next.distillation.temperature = 2;
        next.distillation.hard_weight = 0.75;
        next.distillation.soft_weight = 0.25;
        document_->edit(next, "recipe");
        QCOMPARE(document_->undoStack()->count(), 1);
        QCOMPARE(document_->undoStack()->undoText(), QStringLiteral("recipe"));
        document_->undoStack()->undo();
        QCOMPARE(document_->config(), find_sample("moons")->config);
    }

    void a_value_out_of_its_range_never_reaches_it() {
        ExperimentConfig next = document_->config();
        next.training.batch_size = -3;
        document_->edit(next);
        QCOMPARE(document_->config(), find_sample("moons")->config);
        QVERIFY(!document_->isModified());
    }

    void a_saved_project_opens_with_the_same_settings() {
        editTemperature(3.5);
        const ExperimentConfig saved = document_->config();
        const QString target = folder_->filePath("My experiment");
        const QString scratch = document_->folder();
        QVERIFY(document_->saveAs(target));
        QVERIFY(!document_->isModified());
        QVERIFY(!document_->isUntitled());
        QCOMPARE(document_->title(), QStringLiteral("My experiment"));
        QVERIFY2(!QFileInfo::exists(scratch), "the scratch folder is gone once it has a name");

        QVERIFY(document_->createUntitled(find_sample("circles")->config));
        QVERIFY(document_->open(target));
        QCOMPARE(document_->config(), saved);
        QVERIFY(!document_->isReadOnly());
    }

    void edits_are_lost_only_when_not_saved() {
        const QString target = folder_->filePath("p");
        QVERIFY(document_->saveAs(target));
        const ExperimentConfig saved = document_->config();
        editTemperature(11);
        QVERIFY(document_->createUntitled(find_sample("circles")->config));
        QVERIFY(document_->open(target));
        QCOMPARE(document_->config(), saved);
    }

    void a_project_that_another_writer_holds_is_opened_for_viewing() {
        const QString target = folder_->filePath("shared");
        QVERIFY(document_->saveAs(target));
        Document second(host_, Scratch(folder_->filePath("untitled2")));
        QVERIFY(second.open(target));
        QVERIFY(second.isReadOnly());
        QVERIFY(!second.viewingReason().isEmpty());
        QCOMPARE(second.config(), document_->config());
    }

    void what_is_no_project_is_refused_and_the_open_one_stays() {
        const QString open = document_->folder();
        const auto opened = document_->open(folder_->filePath("nothing"));
        QVERIFY(!opened);
        QVERIFY(opened.error().message.find("nothing") != std::string::npos);
        QCOMPARE(document_->folder(), open);
        QVERIFY(document_->session() != nullptr);
    }

  private:
    void editTemperature(double value) {
        ExperimentConfig next = document_->config();
        next.distillation.temperature = value;
        document_->edit(next);
    }

    std::unique_ptr<QTemporaryDir> folder_;
    std::shared_ptr<EngineHost> host_;
    std::unique_ptr<Document> document_;
};

QTEST_MAIN(TestDocument)
#include "test_document.moc"
