// SPDX-License-Identifier: GPL-3.0-or-later
// The form's rules that need no widgets: what bears on an experiment, what things are called, the recipes of
// others.
#include <QtTest>

#include "backend/types/catalogue.h"
#include "widgets/forms/applicability.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/recipes.h"

using namespace limbeck;

class FormRulesTest : public QObject {
    Q_OBJECT

  private slots:

    void every_setting_applies_somewhere() {
        ExperimentConfig adamw;
        adamw.training.optimizer = adamw.teacher.training.optimizer = "adamw";
        ExperimentConfig step;
        step.training.schedule = step.teacher.training.schedule = "step";
        for (const Field& field : fields())
            QVERIFY2(bearing(field.key, adamw) == Bearing::applies ||
                         bearing(field.key, step) == Bearing::applies,
                     field.key.data());
    }

    void noise_is_for_made_sets_and_augmentation_for_pictures() {
        ExperimentConfig config;
        config.data.dataset = {"spirals", {}};
        QVERIFY(bearing("data.noise", config) == Bearing::applies);
        QVERIFY(bearing("data.flip", config) == Bearing::foreign);
        config.data.dataset = {"idx", "/x"};
        QVERIFY(bearing("data.noise", config) == Bearing::foreign);
        QVERIFY(bearing("data.flip", config) == Bearing::applies);
        QVERIFY(bearing("data.test_fraction", config) == Bearing::applies);
    }

    void a_teacher_with_weights_leaves_its_training_idle() {
        ExperimentConfig config;
        config.teacher.network.weights = "t.safetensors";
        QVERIFY(bearing("teacher.training.epochs", config) == Bearing::idle);
        QVERIFY(bearing("training.epochs", config) == Bearing::applies);
    }

    void labels_carry_the_unit_once() {
        QCOMPARE(form::label(*find_field("training.batch_size")), QString("Batch size (samples)"));
        QCOMPARE(form::label(*find_field("training.epochs")), QString("Epochs"));
        QCOMPARE(form::label(*find_field("training.learning_rate")), QString("Learning rate"));
    }

    void tooltips_name_the_key_for_the_command_line() {
        for (const Field& field : fields()) {
            const QString tip = form::tooltip(field);
            QVERIFY(tip.contains(form::text(field.key)));
            QVERIFY2(tip.size() > form::text(field.key).size() + 40, field.key.data());
        }
    }

    void a_reason_says_which_training_is_meant() {
        QCOMPARE(form::reason({"training.epochs", "found 0."}), QString("Epochs: found 0."));
        QCOMPARE(form::reason({"teacher.training.epochs", "found 0."}),
                 QString("Teacher's training, epochs: found 0."));
        QCOMPARE(form::reason({"no.such", "odd."}), QString("odd."));
    }

    void recipes_are_valid_experiments() {
        QCOMPARE(recipes().size(), std::size_t(3));
        for (const Recipe& recipe : recipes()) {
            ExperimentConfig config = find_sample("glyphs")->config;
            config.distillation = with_recipe(recipe);
            QVERIFY(check(config).empty());
            QVERIFY(!recipe.mapping.empty());
        }
        QCOMPARE(recipes().front().hard_weight, 0.1);
        QCOMPARE(recipes().front().temperature, 4.0);
    }
};

QTEST_GUILESS_MAIN(FormRulesTest)
#include "form_rules_test.moc"
