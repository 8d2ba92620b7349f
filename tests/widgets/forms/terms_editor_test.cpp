// SPDX-License-Identifier: GPL-3.0-or-later
// The loss put together in the form: objective and options, further terms, recipes. Where the catalogue has
// none of what a test is about, it is skipped.
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "tests/widgets/forms/form_access.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/objective_picker.h"
#include "widgets/forms/recipes.h"
#include "widgets/forms/term_row.h"
#include "widgets/forms/terms_editor.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

template <class Fits>
const ObjectiveEntry* anyEntry(ObjectiveGroup group, Fits fits) {
    for (const ObjectiveEntry& entry : objective_catalogue())
        if (entry.group == group && fits(entry)) return &entry;
    return nullptr;
}

const OptionEntry* numberOption(const ObjectiveEntry& entry) {
    for (const OptionEntry& option : entry.options)
        if (!option.is_switch && option.maximum > option.minimum && option.value != option.maximum)
            return &option;
    return nullptr;
}

bool isMarked(const QWidget* widget) {
    const auto* mark = widget->findChild<InvalidMark*>(QString(), Qt::FindDirectChildrenOnly);
    return mark && mark->isVisibleTo(widget);
}

/// Opens the picker with the button of this name, types the id and presses Enter.
void pick(ExperimentForm& form, QAbstractButton* button, std::string_view id) {
    QTest::mouseClick(button, Qt::LeftButton);
    auto* picker = form.findChild<ObjectivePicker*>();
    QVERIFY(picker);
    QVERIFY(QTest::qWaitForWindowExposed(picker));
    auto* search = control<QLineEdit>(*picker, "Filter the objectives");
    picker->select(form::text(id));
    QTest::keyClick(search, Qt::Key_Return);
    QTRY_VERIFY(!form.findChild<ObjectivePicker*>());
    form.activateWindow(); // a desktop does so by itself
}

QString needsLine(const TermRow& row) {
    for (const QLabel* label : row.findChildren<QLabel*>(QString(), Qt::FindDirectChildrenOnly))
        return label->accessibleName();
    return {};
}

const TermsEditor& terms(ExperimentForm& form) {
    return *form.findChild<TermsEditor*>();
}

} // namespace

class TermsEditorTest : public QObject {
    Q_OBJECT

  private slots:

    void the_button_beside_the_objective_opens_the_picker_and_takes_its_choice_with_its_numbers() {
        ExperimentForm form;
        showWhole(form);
        QSignalSpy edits(&form, &ExperimentForm::configEdited);
        pick(form, control<QToolButton>(form, "Choose an objective"), "mse-logits");
        const DistillationConfig& now = form.config().distillation;
        QCOMPARE(now.objective, std::string("mse-logits"));
        QCOMPARE(now.temperature, find_objective("mse-logits")->temperature);
        QCOMPARE(edits.count(), 1);
        QCOMPARE(control<QComboBox>(form, "Objective")->currentText(), QString("Logit regression"));
    }

    void options_have_controls_and_only_what_differs_is_kept() {
        const ObjectiveEntry* entry = anyEntry(ObjectiveGroup::answers, [](const ObjectiveEntry& each) {
            return numberOption(each) != nullptr;
        });
        if (!entry) QSKIP("no objective of the answers has a number for an option");
        const OptionEntry* option = numberOption(*entry);
        const std::string key(option->key);
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.objective = entry->id;
        config.distillation.options[key] = option->maximum;
        form.setConfig(config);
        showWhole(form);
        QVERIFY(form.config() == config);
        auto* spin = control<NumberSpin>(form, form::text(option->label));
        QVERIFY(spin && spin->isVisible());
        QCOMPARE(spin->real().value_or(-1), option->maximum);
        typeOver(spin, shownNumber(option->value));
        QVERIFY(form.config().distillation.options.empty());
        typeOver(spin, shownNumber(option->maximum));
        QCOMPARE(form.config().distillation.options, (TermOptions{{key, option->maximum}}));
        QTest::mouseClick(control<QToolButton>(form, "Reset the options"), Qt::LeftButton);
        QVERIFY(form.config().distillation.options.empty());
        QCOMPARE(spin->real().value_or(-1), option->value);
    }

    void an_option_out_of_range_is_red_and_the_reason_stands_below() {
        const ObjectiveEntry* entry = anyEntry(ObjectiveGroup::answers, [](const ObjectiveEntry& each) {
            return numberOption(each) != nullptr;
        });
        if (!entry) QSKIP("no objective of the answers has a number for an option");
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.objective = entry->id;
        form.setConfig(config);
        showWhole(form);
        auto* spin = control<NumberSpin>(form, form::text(numberOption(*entry)->label));
        for (const char* wrong : {"-12345", "many", ""}) {
            typeOver(spin, wrong);
            QVERIFY2(isMarked(spin), wrong);
            QVERIFY2(!form.isValid(), wrong);
            QVERIFY2(form.statusText().startsWith("Options:"), qPrintable(form.statusText()));
        }
        typeOver(spin, shownNumber(numberOption(*entry)->value));
        QVERIFY(!isMarked(spin));
        QVERIFY(form.isValid());
    }

    void options_that_the_objective_does_not_know_are_kept_until_they_are_reset() {
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.options["no_such_option"] = 3;
        form.setConfig(config);
        showWhole(form);
        QVERIFY(!form.isValid());
        QVERIFY(form.firstReason().contains("no_such_option"));
        typeOver(control<NumberSpin>(form, "Temperature"), "5");
        QCOMPARE(form.config().distillation.options.size(), std::size_t(1));
        QTest::mouseClick(control<QToolButton>(form, "Reset the options"), Qt::LeftButton);
        QVERIFY(form.config().distillation.options.empty());
        QVERIFY(form.isValid());
    }

    void another_objective_takes_its_own_options_along() {
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.objective = "soft-ce";
        config.distillation.temperature = 7; // chosen by hand, so nothing else is adopted
        config.distillation.options["left_over"] = 1;
        form.setConfig(config);
        showWhole(form);
        pick(form, control<QToolButton>(form, "Choose an objective"), "kd");
        QVERIFY(form.config().distillation.options.empty());
        QCOMPARE(form.config().distillation.temperature, 7.0);
    }

    void a_term_is_added_weighed_and_removed() {
        ExperimentForm form;
        showWhole(form);
        auto* add = control<QPushButton>(form, "Add a term");
        pick(form, add, "soft-ce");
        QCOMPARE(form.config().distillation.terms.size(), std::size_t(1));
        QCOMPARE(form.config().distillation.terms.front().weight, find_objective("soft-ce")->weight);
        auto* weight = control<NumberSpin>(form, "Weight of Soft cross-entropy");
        QTRY_VERIFY(weight->hasFocus());
        typeOver(weight, "2.5");
        QCOMPARE(form.config().distillation.terms.front().weight, 2.5);
        QVERIFY2(form.formulaText().contains("2.5 · T²·CE(teacher) (T = 4)"), qPrintable(form.formulaText()));
        typeOver(weight, "2,5");
        QVERIFY(isMarked(weight));
        QVERIFY(!form.isValid());
        QVERIFY2(form.firstReason().contains("written with a point"), qPrintable(form.firstReason()));
        QTest::mouseClick(control<QToolButton>(form, "Remove Soft cross-entropy"), Qt::LeftButton);
        QVERIFY(form.config().distillation.terms.empty());
        QVERIFY(form.isValid());
        QVERIFY(!terms(form).rows().size());
    }

    void a_terms_options_are_edited_when_it_is_unfolded() {
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.terms = {{"soft-ce", 1, {}, {{"temperature", 3}}}};
        form.setConfig(config);
        showWhole(form);
        QVERIFY(form.config() == config);
        auto* temperature = control<NumberSpin>(form, "Temperature of Soft cross-entropy");
        QVERIFY(!temperature->isVisible());
        QTest::mouseClick(control<QToolButton>(form, "Options of Soft cross-entropy"), Qt::LeftButton);
        QTRY_VERIFY(temperature->isVisible());
        QCOMPARE(temperature->text(), QString("3"));
        typeOver(temperature, "4"); // its default, so nothing is kept
        QVERIFY(form.config().distillation.terms.front().options.empty());
        auto* squared = control<QCheckBox>(form, "Multiply by T² of Soft cross-entropy");
        QTest::mouseClick(squared, Qt::LeftButton, {}, QPoint(8, squared->height() / 2));
        QCOMPARE(form.config().distillation.terms.front().options, (TermOptions{{"t_squared", 0}}));
        QVERIFY(terms(form).rows().front()->isOpen());
    }

    void a_tap_that_is_none_turns_red_and_says_what_would_be_right() {
        const ObjectiveEntry* entry =
            anyEntry(ObjectiveGroup::features, [](const ObjectiveEntry&) { return true; });
        if (!entry) QSKIP("no objective compares features");
        const QString title = form::text(entry->title);
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.terms = {{std::string(entry->id), entry->weight, {}, {}}};
        form.setConfig(config);
        showWhole(form);
        QVERIFY(form.isValid());
        auto* taps = control<QLineEdit>(form, "Taps of " + title);
        QCOMPARE(taps->placeholderText(), form::defaultTaps(*entry));
        TermRow* row = terms(form).rows().front();
        const int height = row->height();
        QTest::mouseClick(control<QToolButton>(form, "Options of " + title), Qt::LeftButton);
        typeOver(taps, "feature.1+layer3");
        QVERIFY(isMarked(taps));
        QVERIFY(!isMarked(control<NumberSpin>(form, "Weight of " + title)));
        QVERIFY2(needsLine(*row).contains("layer3"), qPrintable(needsLine(*row)));
        QVERIFY(form.statusText().startsWith("More terms:"));
        row->setOpen(false);
        QTRY_COMPARE(row->height(), height);
        QVERIFY(form.focusField("distillation.terms"));
        QTRY_VERIFY(taps->hasFocus());
        typeOver(taps, "feature.1 + feature.2/feature.3");
        QVERIFY(!isMarked(taps));
        QCOMPARE(form.config().distillation.terms.front().taps,
                 (std::vector<std::string>{"feature.1", "feature.2/feature.3"}));
    }

    void what_a_term_needs_is_said_in_its_line() {
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.terms = {{"soft-ce", 1, {}, {}}, {"mse-logits", 1, {}, {}}};
        form.setConfig(config);
        showWhole(form);
        form.setTermNeeds({{"adapter 12,480 parameters", false}, {"the channels differ", true}});
        const auto& rows = terms(form).rows();
        QCOMPARE(needsLine(*rows[0]), QString("adapter 12,480 parameters"));
        QCOMPARE(needsLine(*rows[1]), QString("the channels differ"));
        form.setTermNeeds({});
        QVERIFY(needsLine(*rows[1]).isEmpty());
    }

    void feature_terms_bring_the_weights_that_go_with_them_and_take_them_away_again() {
        const ObjectiveEntry* entry =
            anyEntry(ObjectiveGroup::features, [](const ObjectiveEntry&) { return true; });
        if (!entry) QSKIP("no objective compares features");
        ExperimentForm form;
        showWhole(form);
        auto* add = control<QPushButton>(form, "Add a term");
        pick(form, add, entry->id);
        QCOMPARE(form.config().distillation.hard_weight, entry->hard_weight);
        QCOMPARE(form.config().distillation.soft_weight, 0.0);
        QTest::mouseClick(control<QToolButton>(form, "Remove " + form::text(entry->title)), Qt::LeftButton);
        QVERIFY(form.config().distillation == DistillationConfig{});
        // Weights that somebody chose stay.
        typeOver(control<NumberSpin>(form, "Labels"), "0.3");
        pick(form, add, entry->id);
        QCOMPARE(form.config().distillation.hard_weight, 0.3);
        QCOMPARE(form.config().distillation.soft_weight, 0.9);
    }

    void the_formula_shows_every_term() {
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.terms = {{"soft-ce", 1000, {}, {{"temperature", 3}, {"t_squared", 0}}},
                                     {"mse-logits", 0.02, {}, {}}};
        form.setConfig(config);
        QCOMPARE(form.formulaText(), QString("loss = 0.10 · CE + 0.90 · T²·KL + 1000 · CE(teacher) (T = 3) + "
                                             "0.02 · MSE(s/T, t/T) (T = 1), T = 4"));
        config.distillation.scheme = "alone";
        form.setConfig(config);
        QCOMPARE(form.formulaText(), QString("loss = 1.00 · CE"));
    }

    void every_recipe_in_the_menu_is_taken_over_whole() {
        ExperimentForm form;
        form.setConfig(find_sample("glyphs")->config);
        QMenu* menu = nullptr;
        for (QPushButton* button : form.findChildren<QPushButton*>())
            if (button->text() == "Recipes") menu = button->menu();
        QVERIFY(menu);
        std::size_t at = 0;
        for (const QAction* source : menu->actions()) {
            QVERIFY(source->menu());
            for (QAction* action : source->menu()->actions()) {
                const Recipe& recipe = recipes()[at++];
                QCOMPARE(source->text(), form::text(recipe.source));
                QCOMPARE(action->text(), form::text(recipe.title));
                QVERIFY(action->toolTip().contains(form::text(recipe.mapping).toHtmlEscaped()));
                action->trigger();
                QVERIFY2(form.config().distillation == recipe.distillation, recipe.title.data());
                QVERIFY2(form.isValid(), qPrintable(form.firstReason()));
            }
        }
        QCOMPARE(at, recipes().size());
    }

    void the_tab_key_goes_through_the_terms_from_top_to_bottom() {
        ExperimentForm form;
        ExperimentConfig config;
        config.distillation.terms = {{"soft-ce", 1, {}, {}}, {"mse-logits", 1, {}, {}}};
        form.setConfig(config);
        showWhole(form);
        control<QPushButton>(form, "Add a term")->setFocus();
        const QStringList expected{"Options of Soft cross-entropy", "Weight of Soft cross-entropy",
                                   "Remove Soft cross-entropy",     "Options of Logit regression",
                                   "Weight of Logit regression",    "Remove Logit regression"};
        for (const QString& name : expected) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QCOMPARE(QApplication::focusWidget()->accessibleName(), name);
        }
    }
};

QTEST_MAIN(TermsEditorTest)
#include "terms_editor_test.moc"
