// SPDX-License-Identifier: GPL-3.0-or-later
// The form's rules that need no widgets: what bears on an experiment, what things are called, the recipes of
// others.
#include <QtTest>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "widgets/forms/adoption.h"
#include "widgets/forms/applicability.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/recipes.h"

using namespace limbeck;

class FormRulesTest : public QObject {
    Q_OBJECT

  private slots:

    void every_setting_applies_somewhere() {
        std::vector<ExperimentConfig> some(6);
        some[0].training.optimizer = some[0].teacher.training.optimizer = "adamw";
        some[1].training.schedule = some[1].teacher.training.schedule = "step";
        some[2].distillation.scheme = "assistants";
        some[3].distillation.scheme = "mutual";
        some[4].distillation.scheme = "born-again";
        some[5].teacher.more = {{"resnet8", {}, {}}};
        some[5].distillation.options["from_a_file"] = 1;
        for (const Field& field : fields())
            QVERIFY2(std::any_of(some.begin(), some.end(),
                                 [&](const ExperimentConfig& config) {
                                     return bearing(field.key, config) == Bearing::applies;
                                 }),
                     field.key.data());
    }

    void what_bears_on_another_scheme_only_is_not_shown() {
        ExperimentConfig config;
        for (const char* key :
             {"distillation.assistants", "distillation.peers", "distillation.generations", "teacher.average"})
            QVERIFY2(bearing(key, config) == Bearing::foreign, key);
        config.distillation.scheme = "mutual";
        QVERIFY(bearing("distillation.peers", config) == Bearing::applies);
        QVERIFY(bearing("distillation.assistants", config) == Bearing::foreign);
        QVERIFY(bearing("teacher.more", config) == Bearing::idle);
        QVERIFY(bearing("teacher.training.epochs", config) == Bearing::idle);
        QVERIFY(bearing("distillation.soft_weight", config) == Bearing::applies);
    }

    void keeping_answers_bears_where_there_are_answers_to_keep() {
        ExperimentConfig config;
        QVERIFY(bearing("teacher.cache", config) == Bearing::applies);
        QVERIFY(bearing("teacher.cache_budget", config) == Bearing::applies);
        config.teacher.cache = "off";
        QVERIFY(bearing("teacher.cache", config) == Bearing::applies);
        QVERIFY(bearing("teacher.cache_budget", config) == Bearing::idle);
        for (const char* scheme : {"alone", "mutual", "mixup"}) {
            config.distillation.scheme = scheme;
            config.teacher.cache = "auto";
            QVERIFY(bearing("teacher.cache", config) == Bearing::idle);
            QVERIFY(bearing("teacher.cache_budget", config) == Bearing::idle);
            config.teacher.cache = "half"; // a problem, which must be within reach
            QVERIFY(bearing("teacher.cache", config) == Bearing::applies);
        }
    }

    void a_student_alone_leaves_the_loss_idle() {
        ExperimentConfig config;
        config.distillation.scheme = "alone";
        for (const Field& field : fields())
            if (field.key.starts_with("distillation.") && field.key != "distillation.scheme")
                QVERIFY2(bearing(field.key, config) != Bearing::applies, field.key.data());
        QVERIFY(bearing("distillation.scheme", config) == Bearing::applies);
        QVERIFY(bearing("training.epochs", config) == Bearing::applies);
        QVERIFY(bearing("teacher.model", config) == Bearing::idle);
        QVERIFY(bearing("student.alone", config) == Bearing::idle);
    }

    void mixup_takes_the_labels_away_and_gives_them_back() {
        const DistillationConfig plain;
        DistillationConfig mixed = plain;
        mixed.scheme = "mixup";
        mixed = adopted(plain, mixed);
        QCOMPARE(mixed.hard_weight, 0.0);
        QCOMPARE(mixed.soft_weight, plain.soft_weight);
        DistillationConfig back = mixed;
        back.scheme = "plain";
        QVERIFY(adopted(mixed, back) == plain);
        DistillationConfig chosen = plain;
        chosen.hard_weight = 0.4;
        DistillationConfig kept = chosen;
        kept.scheme = "mixup";
        QCOMPARE(adopted(chosen, kept).hard_weight, 0.4);
    }

    void schemes_are_called_by_their_titles() {
        for (const SchemeEntry& scheme : scheme_catalogue()) {
            QCOMPARE(form::choiceTitle("distillation.scheme", scheme.id), form::text(scheme.title));
            QVERIFY(form::choiceTooltip("distillation.scheme", scheme.id)
                        .contains(form::text(scheme.description).toHtmlEscaped()));
        }
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
        QVERIFY(recipes().size() >= 3);
        for (const Recipe& recipe : recipes()) {
            ExperimentConfig config = find_sample("glyphs")->config;
            config.distillation = with_recipe(recipe, config.distillation);
            const auto problems = check(config);
            QVERIFY2(problems.empty(), problems.empty() ? "" : problems.front().message.c_str());
            QVERIFY2(!recipe.mapping.empty() && !recipe.source.empty(), recipe.title.data());
        }
    }

    void recipes_say_what_their_sources_say() {
        const auto found = [](std::string_view source, std::string_view title) {
            for (const Recipe& recipe : recipes())
                if (recipe.source == source && recipe.title == title) return recipe.distillation;
            DistillationConfig none;
            none.objective = "none";
            return none;
        };
        QVERIFY(found("RepDistiller", "KD") == DistillationConfig{}); // T 4, labels 0.1, teacher 0.9
        if (find_objective("dkd")) {
            const DistillationConfig dkd = found("mdistiller", "DKD, resnet56 to resnet20");
            QCOMPARE(dkd.objective, std::string("dkd"));
            QCOMPARE(dkd.options.at("beta"), 2.0);
            QCOMPARE(dkd.hard_weight, 1.0);
            // What is the default is left out, and is there all the same.
            QCOMPARE(terms_of(dkd).front().options.at("warmup_epochs"), 20.0);
            const auto eight = found("mdistiller", "DKD, resnet32x4 to resnet8x4");
            QCOMPARE(terms_of(eight).front().options.at("beta"), 8.0);
        }
        if (find_objective("at")) {
            const DistillationConfig at = found("RepDistiller", "Attention transfer (AT)");
            QCOMPARE(at.terms.size(), std::size_t(1));
            QCOMPARE(at.terms.front().weight, 1000.0);
            QCOMPARE(at.soft_weight, 0.0);
            QCOMPARE(at.hard_weight, 1.0);
        }
    }

    void every_objective_that_others_give_numbers_for_has_a_recipe() {
        for (const char* id : {"hint", "at", "sp", "cc", "vid", "rkd", "pkt", "ab", "ft", "fsp", "nst", "crd",
                               "reviewkd", "dkd", "dist", "jsd", "skew-kl", "skew-reverse-kl"}) {
            if (!find_objective(id)) continue;
            QVERIFY2(std::any_of(recipes().begin(), recipes().end(),
                                 [&](const Recipe& recipe) {
                                     const auto& terms = recipe.distillation.terms;
                                     return recipe.distillation.objective == id ||
                                            (!terms.empty() && terms.front().id == id);
                                 }),
                     id);
        }
    }

    void a_recipe_keeps_the_scheme_but_where_it_has_no_teacher() {
        DistillationConfig now;
        now.scheme = "born-again";
        now.generations = 5;
        const Recipe& recipe = recipes().front();
        QCOMPARE(with_recipe(recipe, now).scheme, std::string("born-again"));
        QCOMPARE(with_recipe(recipe, now).generations, 5);
        now.scheme = "alone";
        QCOMPARE(with_recipe(recipe, now).scheme, std::string("plain"));
    }
};

QTEST_GUILESS_MAIN(FormRulesTest)
#include "form_rules_test.moc"
