// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "app/document/document.h"
#include "app/document/edit_settings.h"
#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "tests/support/fake_engine.h"

using namespace limbeck;

namespace {

QString text_of(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// Two values of a field that differ from what a configuration has and from each other, as --set takes them.
QStringList others(const Field& field, const ExperimentConfig& config) {
    const QString now = QString::fromStdString(field_text(config, field.key));
    QStringList values;
    switch (field.kind) {
    case FieldKind::boolean:
        return {now == "true" ? "false" : "true"};
    case FieldKind::integer:
    case FieldKind::real:
        values = {QString::number(field.minimum), QString::number(field.maximum)};
        if (field.maximum >= 1e6) values.last() = "123456";
        break;
    case FieldKind::choice:
        for (std::string_view choice : field.choices)
            values << text_of(choice);
        break;
    case FieldKind::dataset:
        values = {"moons", "idx:some folder, with a comma"};
        break;
    case FieldKind::network:
        values = {"resnet20", "stack:conv3-32,bn,relu,pool2,gap,fc"};
        break;
    case FieldKind::networks:
        values = {"resnet20;lenet", "mlp:hidden=64x64"};
        break;
    case FieldKind::terms:
        values = {"at:weight=1000,taps=feature.1+feature.2,p=2;rkd", "rkd"};
        break;
    case FieldKind::options:
        values = {"standardize=1"}; // of kd
        break;
    }
    values.removeAll(now);
    return values.first(std::min<qsizetype>(2, values.size()));
}

} // namespace

/// Undo and redo of every setting there is, over the one table of them.
class TestUndo : public QObject {
    Q_OBJECT

  private slots:

    void init() {
        host_ = std::make_shared<EngineHost>(test::fake_engine());
        document_ = std::make_unique<Document>(host_, Scratch(folder_.filePath("untitled")));
        QVERIFY(document_->createUntitled(find_sample("glyphs")->config));
    }

    void cleanup() {
        document_.reset();
        host_.reset();
    }

    void every_setting_goes_back_and_forth_data() {
        QTest::addColumn<QString>("key");
        for (const Field& field : fields())
            QTest::addRow("%s", std::string(field.key).c_str()) << text_of(field.key);
    }

    void every_setting_goes_back_and_forth() {
        QFETCH(QString, key);
        const Field& field = *find_field(key.toStdString());
        const std::string start = to_json(document_->config());
        const QStringList values = others(field, document_->config());
        QVERIFY(!values.isEmpty());
        std::vector<std::string> states{start};
        for (const QString& value : values) {
            document_->setTypingPause(std::chrono::milliseconds(-1)); // each edit is a step of its own
            ExperimentConfig next = document_->config();
            const auto set = set_field(next, field.key, value.toStdString());
            QVERIFY2(set, set ? "" : set.error().message.c_str());
            document_->edit(next);
            QCOMPARE(to_json(document_->config()), to_json(next));
            states.push_back(to_json(next));
        }
        QUndoStack& stack = *document_->undoStack();
        QCOMPARE(stack.count(), static_cast<int>(values.size()));
        QCOMPARE(stack.undoText(), name_of_edit({std::string(field.key)}));
        for (int round = 0; round < 2; ++round) {
            for (std::size_t i = states.size() - 1; i-- > 0;) {
                QVERIFY(document_->isModified());
                stack.undo();
                QCOMPARE(to_json(document_->config()), states[i]);
            }
            QVERIFY(!document_->isModified());
            for (std::size_t i = 1; i < states.size(); ++i) {
                stack.redo();
                QCOMPARE(to_json(document_->config()), states[i]);
            }
            QVERIFY(document_->isModified());
        }
    }

    void a_value_that_is_taken_back_leaves_no_step_data() { every_setting_goes_back_and_forth_data(); }

    void a_value_that_is_taken_back_leaves_no_step() {
        QFETCH(QString, key);
        const ExperimentConfig start = document_->config();
        ExperimentConfig next = start;
        QVERIFY(set_field(next, key.toStdString(),
                          others(*find_field(key.toStdString()), start).constFirst().toStdString()));
        document_->edit(next);
        QVERIFY(document_->isModified());
        document_->edit(start);
        QCOMPARE(document_->undoStack()->count(), 0);
        QVERIFY(!document_->isModified());
    }

    void no_two_settings_have_the_same_name_in_the_menu() {
        std::set<QString> names;
        for (const Field& field : fields())
            QVERIFY2(names.insert(name_of_edit({std::string(field.key)})).second,
                     std::string(field.key).c_str());
    }

    void the_menu_says_what_it_would_undo() {
        QWidget parent;
        QAction* undo = document_->undoStack()->createUndoAction(&parent, "&Undo");
        set("distillation.temperature", "7");
        QCOMPARE(undo->text(), QString("&Undo Temperature"));
        set("teacher.training.epochs", "3");
        QCOMPARE(undo->text(), QString("&Undo Teacher: Epochs"));
    }

    void typing_and_dragging_merge_but_choices_are_steps_of_their_own() {
        for (const char* value : {"5", "5.5", "5.25"})
            set("distillation.temperature", value);
        for (const char* value : {"at", "at:weight=10", "at:weight=100"})
            set("distillation.terms", value);
        QCOMPARE(document_->undoStack()->count(), 2);
        for (const char* value : {"step", "constant", "cosine"})
            set("training.schedule", value);
        QCOMPARE(document_->undoStack()->count(), 5);
        document_->undoStack()->undo();
        QCOMPARE(document_->config().training.schedule, std::string("constant"));
    }

    void an_edit_after_a_pause_is_a_step_of_its_own() {
        document_->setTypingPause(std::chrono::milliseconds(-1));
        set("distillation.temperature", "5");
        set("distillation.temperature", "6");
        QCOMPARE(document_->undoStack()->count(), 2);
    }

    void two_weights_that_move_together_are_one_step_as_well() {
        for (const double hard : {0.2, 0.3, 0.4}) {
            ExperimentConfig next = document_->config();
            next.distillation.hard_weight = hard;
            next.distillation.soft_weight = 1 - hard;
            document_->edit(next);
        }
        QCOMPARE(document_->undoStack()->count(), 1);
        document_->undoStack()->undo();
        QCOMPARE(document_->config(), find_sample("glyphs")->config);
    }

    void the_mark_follows_what_was_saved() {
        QVERIFY(document_->saveAs(folder_.filePath("marked")));
        set("training.epochs", "3");
        set("training.batch_size", "16");
        QVERIFY(document_->save());
        QVERIFY(!document_->isModified());
        set("training.batch_size", "32"); // does not melt into what was saved
        QVERIFY(document_->isModified());
        document_->undoStack()->undo();
        QVERIFY(!document_->isModified());
        document_->undoStack()->undo();
        QVERIFY2(document_->isModified(), "the saved project has another batch size");
        document_->undoStack()->redo();
        QVERIFY(!document_->isModified());
    }

  private:
    void set(const char* key, const char* value) {
        ExperimentConfig next = document_->config();
        const auto set = set_field(next, key, value);
        QVERIFY2(set, set ? "" : set.error().message.c_str());
        document_->edit(next);
    }

    QTemporaryDir folder_;
    std::shared_ptr<EngineHost> host_;
    std::unique_ptr<Document> document_;
};

QTEST_MAIN(TestUndo)
#include "test_undo.moc"
