// SPDX-License-Identifier: GPL-3.0-or-later
// How the form as a whole behaves: what it emits, what it refuses, what it locks.
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>

#include <random>

#include "backend/types/catalogue.h"
#include "tests/widgets/forms/form_access.h"
#include "widgets/cards/network_card.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"

using namespace limbeck;
using namespace limbeck::test;

Q_DECLARE_METATYPE(limbeck::ExperimentConfig)

namespace {

bool isMarked(const QWidget* control) {
    const auto* mark = control->findChild<InvalidMark*>();
    return mark && mark->isVisibleTo(control);
}

ExperimentConfig randomConfig(std::mt19937& random) {
    ExperimentConfig config;
    for (const Field& field : fields()) {
        const double share = std::uniform_real_distribution<>(0, 1)(random);
        const double value = field.minimum + share * (std::min(field.maximum, 1e6) - field.minimum);
        Result<void> set;
        switch (field.kind) {
        case FieldKind::boolean:
            set = field.set(config, share < 0.5);
            break;
        case FieldKind::integer:
            set = field.set(config, static_cast<std::int64_t>(value));
            break;
        case FieldKind::real:
            set = field.set(config, value);
            break;
        case FieldKind::choice:
            set = field.set(config, std::string(field.choices[random() % field.choices.size()]));
            break;
        case FieldKind::dataset:
            set = field.set(config, std::string(share < 0.5 ? "moons" : "idx:/some where/ä,b=c"));
            break;
        case FieldKind::network:
            set = field.set(
                config, std::string(share < 0.5 ? "mlp:hidden=7x9,weights=/w=1,2.safetensors" : "resnet8"));
            break;
        case FieldKind::networks:
            set = field.set(config, std::string(share < 0.5 ? "resnet8;mlp:hidden=5" : ""));
            break;
        case FieldKind::terms:
            set = field.set(config, std::string(share < 0.5 ? "soft-ce:weight=2,temperature=3" : ""));
            break;
        case FieldKind::options:
            set = field.set(config, std::string());
            break;
        }
        Q_ASSERT(set);
    }
    return config;
}

} // namespace

class ExperimentFormTest : public QObject {
    Q_OBJECT

  private slots:

    void gives_back_every_sample_it_was_given() {
        ExperimentForm form;
        for (const SampleExperiment& sample : sample_experiments()) {
            form.setConfig(sample.config);
            QVERIFY2(form.config() == sample.config, sample.id.data());
        }
    }

    void loses_nothing_of_a_random_configuration_when_another_field_is_edited() {
        std::mt19937 random(7);
        ExperimentForm form;
        showWhole(form);
        for (int i = 0; i < 20; ++i) {
            ExperimentConfig config = randomConfig(random);
            form.setConfig(config);
            QVERIFY(form.config() == config);
            auto* seed = control<NumberSpin>(form, "Seed");
            typeOver(seed, "4242");
            config.training.seed = 4242;
            const auto left = differences(config, form.config());
            QVERIFY2(left.empty(), left.empty() ? "" : left.front().key.c_str());
        }
    }

    void shows_every_setting_but_the_device() {
        ExperimentForm form;
        form.setConfig(find_sample("glyphs")->config);
        for (const Field& field : fields())
            QCOMPARE(form.focusField(QString::fromUtf8(field.key.data(), qsizetype(field.key.size()))),
                     field.key != "training.device");
    }

    void emits_the_configuration_while_one_types_and_none_for_setConfig() {
        ExperimentForm form;
        showWhole(form);
        QSignalSpy edits(&form, &ExperimentForm::configEdited);
        form.setConfig(find_sample("moons")->config);
        QCOMPARE(edits.count(), 0);
        auto* epochs = control<NumberSpin>(form, "Epochs", 1);
        typeOver(epochs, "123");
        QCOMPARE(edits.count(), 3);
        QCOMPARE(edits.last().first().value<ExperimentConfig>().training.epochs, 123);
        QCOMPARE(form.config().training.epochs, 123);
    }

    void keeps_a_half_typed_number_when_its_own_edit_comes_back() {
        ExperimentForm form;
        showWhole(form);
        connect(&form, &ExperimentForm::configEdited, &form, &ExperimentForm::setConfig);
        auto* rate = control<NumberSpin>(form, "Learning rate", 1);
        typeOver(rate, "0.10");
        QCOMPARE(rate->text(), QString("0.10"));
        QTest::keyClicks(rate, "5");
        QCOMPARE(form.config().training.learning_rate, 0.105);
    }

    void marks_a_value_out_of_range_and_says_why_without_changing_height() {
        ExperimentForm form;
        showWhole(form);
        QSignalSpy validity(&form, &ExperimentForm::validityChanged);
        auto* batch = control<NumberSpin>(form, "Batch size (samples)", 1);
        const QRect before(batch->mapTo(&form, QPoint()), batch->size());
        typeOver(batch, "0");
        QVERIFY(isMarked(batch));
        QVERIFY(!form.isValid());
        QVERIFY2(form.statusText().startsWith("Batch size: found 0"), qPrintable(form.statusText()));
        QVERIFY(batch->toolTip().contains("found 0"));
        QCOMPARE(validity.last().at(0).toBool(), false);
        QCOMPARE(validity.last().at(1).toString(), form.firstReason());
        QCOMPARE(QRect(batch->mapTo(&form, QPoint()), batch->size()), before);
        typeOver(batch, "32");
        QVERIFY(!isMarked(batch));
        QVERIFY(form.isValid());
        QCOMPARE(validity.last().at(0).toBool(), true);
    }

    void marks_a_text_that_is_no_number_and_keeps_the_last_configuration() {
        ExperimentForm form;
        showWhole(form);
        auto* rate = control<NumberSpin>(form, "Learning rate", 1);
        typeOver(rate, "0,1");
        QVERIFY(isMarked(rate));
        QVERIFY2(form.firstReason().contains("written with a point"), qPrintable(form.firstReason()));
        QCOMPARE(form.config().training.learning_rate, 0.0); // the keystroke before the comma
        ExperimentConfig other = form.config();
        other.training.learning_rate = 0.25;
        form.setConfig(other);
        QCOMPARE(rate->text(), QString("0.25"));
        QVERIFY(!isMarked(rate));
    }

    void marks_combinations_that_do_not_fit() {
        ExperimentForm form;
        showWhole(form);
        auto* labels = control<NumberSpin>(form, "Labels");
        auto* teacher = control<NumberSpin>(form, "Teacher");
        typeOver(labels, "0");
        QVERIFY(form.isValid());
        typeOver(teacher, "0");
        QVERIFY(!form.isValid());
        QVERIFY(isMarked(labels));
    }

    void takes_problems_from_outside_until_their_field_is_edited() {
        ExperimentForm form;
        showWhole(form);
        form.setProblems({{"training.batch_size", "larger than the set of 10."}});
        auto* batch = control<NumberSpin>(form, "Batch size (samples)", 1);
        QVERIFY(isMarked(batch));
        QCOMPARE(form.firstReason(), QString("Batch size: larger than the set of 10."));
        typeOver(batch, "8");
        QVERIFY(form.isValid());
    }

    void locks_all_but_the_live_fields_while_a_run_is_on_and_says_so() {
        ExperimentForm form;
        showWhole(form);
        form.setRunning(true);
        QVERIFY(form.statusText().startsWith("Locked while a run is on"));
        QVERIFY(!control<NumberSpin>(form, "Epochs", 1)->isEnabled());
        QVERIFY(!control<QComboBox>(form, "Data set")->isEnabled());
        QVERIFY(!control<QLineEdit>(form, "Hidden widths", 1)->isEnabled());
        QVERIFY(!control<QCheckBox>(form, "Train alone too")->isEnabled());
        QVERIFY(!control<NumberSpin>(form, "Learning rate", 0)->isEnabled()); // the teacher's
        for (const char* live : {"Temperature", "Labels", "Teacher"}) {
            QVERIFY2(control<NumberSpin>(form, live)->isEnabled(), live);
            QVERIFY2(control<QSlider>(form, live)->isEnabled(), live);
        }
        QVERIFY(control<NumberSpin>(form, "Learning rate", 1)->isEnabled());
        form.setRunning(false);
        QVERIFY(control<NumberSpin>(form, "Epochs", 1)->isEnabled());
    }

    void sends_a_live_value_on_enter_and_only_while_running() {
        ExperimentForm form;
        showWhole(form);
        QSignalSpy live(&form, &ExperimentForm::liveEdited);
        auto* temperature = control<NumberSpin>(form, "Temperature");
        typeOver(temperature, "7");
        QTest::keyClick(temperature, Qt::Key_Return);
        QCOMPARE(live.count(), 0);
        form.setRunning(true);
        typeOver(temperature, "12");
        QCOMPARE(live.count(), 0); // not each keystroke
        QTest::keyClick(temperature, Qt::Key_Return);
        QCOMPARE(live.count(), 1);
        QCOMPARE(live.last().at(0).toString(), QString("distillation.temperature"));
        QCOMPARE(live.last().at(1).toDouble(), 12.0);
        QTest::keyClick(temperature, Qt::Key_Return);
        QCOMPARE(live.count(), 1); // the same value is not sent twice
    }

    void sends_a_live_value_when_typing_rests_but_none_that_is_wrong() {
        ExperimentForm form;
        showWhole(form);
        form.setRunning(true);
        QSignalSpy live(&form, &ExperimentForm::liveEdited);
        auto* temperature = control<NumberSpin>(form, "Temperature");
        typeOver(temperature, "1000");
        QTest::qWait(600);
        QCOMPARE(live.count(), 0);
        typeOver(temperature, "2.5");
        QVERIFY(live.wait(2000));
        QCOMPARE(live.count(), 1);
        QCOMPARE(live.last().at(1).toDouble(), 2.5);
    }

    void sends_one_live_value_for_a_whole_drag_of_a_slider() {
        ExperimentForm form;
        showWhole(form);
        form.setRunning(true);
        QSignalSpy live(&form, &ExperimentForm::liveEdited), edits(&form, &ExperimentForm::configEdited);
        auto* slider = control<QSlider>(form, "Temperature");
        // The knob at T = 4 is at the middle of 0.5 … 32 on a log scale.
        const QPoint middle = slider->rect().center();
        QTest::mousePress(slider, Qt::LeftButton, {}, middle);
        QVERIFY(slider->isSliderDown());
        for (int x = 4; x <= 24; x += 4)
            QTest::mouseMove(slider, middle + QPoint(x, 0));
        QTest::qWait(600);
        QVERIFY(edits.count() > 1);
        QCOMPARE(live.count(), 0); // still held
        QTest::mouseRelease(slider, Qt::LeftButton, {}, middle + QPoint(24, 0));
        QCOMPARE(live.count(), 1);
        QCOMPARE(live.last().at(1).toDouble(), form.config().distillation.temperature);
        QVERIFY(form.config().distillation.temperature > 4);
    }

    void shows_the_formula_with_its_numbers() {
        ExperimentForm form;
        showWhole(form);
        QCOMPARE(form.formulaText(), QString("loss = 0.10 · CE + 0.90 · T²·KL, T = 4"));
        typeOver(control<NumberSpin>(form, "Temperature"), "8");
        typeOver(control<NumberSpin>(form, "Labels"), "0.25");
        QTest::mouseClick(control<QCheckBox>(form, "Multiply by T²"), Qt::LeftButton, {}, QPoint(6, 6));
        QCOMPARE(form.formulaText(), QString("loss = 0.25 · CE + 0.90 · KL, T = 8"));
    }

    void takes_over_the_weights_of_others_by_recipe() {
        ExperimentForm form;
        showWhole(form);
        QSignalSpy edits(&form, &ExperimentForm::configEdited);
        QMenu* menu = nullptr; // other fields have menus too
        for (const QPushButton* button : form.findChildren<QPushButton*>())
            if (button->text() == "Recipes") menu = button->menu();
        QVERIFY(menu);
        for (const QMenu* source : menu->findChildren<QMenu*>())
            for (QAction* action : source->actions())
                if (action->text().startsWith("PyTorch")) action->trigger();
        QCOMPARE(edits.count(), 1);
        QCOMPARE(form.config().distillation.hard_weight, 0.75);
        QCOMPARE(form.config().distillation.soft_weight, 0.25);
        QCOMPARE(form.config().distillation.temperature, 2.0);
        QCOMPARE(control<NumberSpin>(form, "Labels")->text(), QString("0.75"));
    }

    void another_objective_brings_its_defaults_but_not_over_chosen_numbers() {
        ExperimentForm form;
        showWhole(form);
        auto* objective = control<QComboBox>(form, "Objective");
        const auto choose = [&](const char* id) {
            objective->setCurrentIndex(objective->findData(id));
            emit objective->activated(objective->currentIndex());
        };
        choose("mse-logits");
        QCOMPARE(form.config().distillation.temperature, find_objective("mse-logits")->temperature);
        choose("kd");
        typeOver(control<NumberSpin>(form, "Temperature"), "9");
        choose("mse-logits");
        QCOMPARE(form.config().distillation.temperature, 9.0);
    }

    void leads_to_a_field_in_a_folded_section() {
        ExperimentForm form;
        form.resize(360, 500);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        auto* rate = control<NumberSpin>(form, "Learning rate", 0);
        QVERIFY(!rate->isVisible());
        QVERIFY(form.focusField("teacher.training.learning_rate"));
        QTRY_VERIFY(rate->isVisible());
        QTRY_VERIFY(!rate->visibleRegion().isEmpty());
        QVERIFY(!form.focusField("teacher.training.nonsense"));
    }

    void tab_goes_from_top_to_bottom() {
        ExperimentForm form;
        form.setConfig(find_sample("fashion-mnist")->config);
        form.focusField("teacher.training.epochs");
        showWhole(form);
        control<QComboBox>(form, "Data set")->setFocus();
        QTRY_VERIFY(control<QComboBox>(form, "Data set")->hasFocus());
        int last = 0, stops = 0;
        for (; stops < 200; ++stops) {
            const QWidget* now = form.focusWidget();
            const int y = now->mapTo(&form, now->rect().center()).y();
            if (y < last - 4) break; // round again from the top
            last = y;
            QTest::keyClick(const_cast<QWidget*>(now), Qt::Key_Tab);
        }
        QVERIFY2(stops > 40, qPrintable(QString::number(stops)));
        QVERIFY2(last > control<NumberSpin>(form, "Threads")->mapTo(&form, QPoint()).y(),
                 qPrintable(QString::number(last)));
    }

    void never_scrolls_sideways_at_its_smallest_width() {
        ExperimentForm form;
        form.setConfig(find_sample("fashion-mnist")->config);
        form.focusField("teacher.training.epochs");
        form.resize(form.minimumWidth(), 2000);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        QVERIFY2(form.minimumWidth() <= 360, qPrintable(QString::number(form.minimumWidth())));
        for (QWidget* child : form.findChildren<NumberSpin*>()) {
            if (!child->isVisible()) continue;
            QVERIFY(child->mapTo(&form, QPoint(child->width(), 0)).x() <= form.width());
        }
    }

    void the_cards_carry_the_names_of_the_networks() {
        ExperimentForm form;
        form.setConfig(find_sample("glyphs")->config);
        QCOMPARE(form.teacherCard()->title(), QString("lenet"));
        QCOMPARE(form.studentCard()->title(), QString("mlp:hidden=32"));
    }
};

QTEST_MAIN(ExperimentFormTest)
#include "experiment_form_test.moc"
