// SPDX-License-Identifier: GPL-3.0-or-later
// The single controls: numbers, networks, data sets, paths, sliders, and the wheel that must not change them.
#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>
#include <QWheelEvent>

#include "backend/types/catalogue.h"
#include "tests/widgets/forms/form_access.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/path_edit.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

void turnWheel(QWidget* widget) {
    const QPointF at = widget->rect().center();
    QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(widget, &event);
}

void choose(QComboBox* box, const char* data) {
    const int index = box->findData(data);
    QVERIFY(index >= 0);
    box->setCurrentIndex(index);
    emit box->activated(index);
}

} // namespace

class FormEditorsTest : public QObject {
    Q_OBJECT

  private slots:

    void a_step_is_one_digit_finer_than_the_value() {
        QCOMPARE(stepped(4, 1), 4.1);
        QCOMPARE(stepped(0.05, 1), 0.051);
        QCOMPARE(stepped(0.1, -1), 0.099);
        QCOMPARE(stepped(0.099, 1), 0.1);
        QCOMPARE(stepped(10, -1), 9.9);
        QCOMPARE(stepped(0, 1), 0.01);
        QCOMPARE(stepped(1, 3), 1.3);
    }

    void a_zero_that_stands_for_something_is_shown_and_read_as_its_word() {
        NumberSpin spin(NumberSpin::Kind::whole, 0, 100);
        spin.setZeroText("automatic");
        spin.setWhole(7);
        QCOMPARE(spin.text(), QString("7"));
        spin.setWhole(0);
        QCOMPARE(spin.text(), QString("automatic"));
        QCOMPARE(*spin.whole(), 0);
        spin.stepBy(1);
        QCOMPARE(spin.text(), QString("1"));
        spin.stepBy(-1);
        QCOMPARE(spin.text(), QString("automatic"));
    }

    void numbers_are_shown_as_people_write_them_and_read_back_exactly() {
        QCOMPARE(shownNumber(0.0005), QString("0.0005"));
        QCOMPARE(shownNumber(1e-08), QString("1e-08"));
        QCOMPARE(shownNumber(0.1), QString("0.1"));
        QCOMPARE(shownNumber(9007199254740992.0).toDouble(), 9007199254740992.0);
        NumberSpin spin(NumberSpin::Kind::real, 0, 1);
        for (const double value : {0.1 + 0.2, 1.0 / 3, 5e-4, 1e-300}) {
            spin.setReal(value);
            QCOMPARE(spin.real(), std::optional(value));
        }
    }

    void arrow_keys_step_within_the_range() {
        NumberSpin spin(NumberSpin::Kind::whole, 1, 3);
        spin.setWhole(2);
        spin.show();
        QSignalSpy edits(&spin, &NumberSpin::edited);
        QTest::keyClick(&spin, Qt::Key_Up);
        QCOMPARE(spin.whole(), std::optional<std::int64_t>(3));
        QTest::keyClick(&spin, Qt::Key_Up);
        QCOMPARE(spin.whole(), std::optional<std::int64_t>(3));
        QTest::keyClick(&spin, Qt::Key_PageDown);
        QCOMPARE(spin.whole(), std::optional<std::int64_t>(1));
        QVERIFY(edits.count() >= 2);
    }

    void a_whole_number_has_all_its_bits() {
        NumberSpin spin(NumberSpin::Kind::whole, 0, 9.1e15);
        spin.setWhole(9007199254740991);
        QCOMPARE(spin.text(), QString("9007199254740991"));
        spin.stepBy(-1);
        QCOMPARE(spin.whole(), std::optional<std::int64_t>(9007199254740990));
    }

    void the_wheel_changes_only_what_has_the_focus() {
        ExperimentForm form;
        showWhole(form);
        auto* epochs = control<NumberSpin>(form, "Epochs", 1);
        auto* slider = control<QSlider>(form, "Temperature");
        auto* optimizer = control<QComboBox>(form, "Optimizer", 1);
        control<QComboBox>(form, "Data set")->setFocus();
        const ExperimentConfig before = form.config();
        for (QWidget* widget : std::initializer_list<QWidget*>{epochs, slider, optimizer})
            turnWheel(widget);
        QVERIFY(form.config() == before);
        epochs->setFocus();
        QTRY_VERIFY(epochs->hasFocus());
        turnWheel(epochs);
        QCOMPARE(form.config().training.epochs, before.training.epochs + 1);
    }

    void a_data_set_in_a_folder_asks_for_the_folder_and_remembers_it() {
        ExperimentForm form;
        showWhole(form);
        auto* kind = control<QComboBox>(form, "Data set");
        auto* folder = control<QLineEdit>(form, "Folder of the data set");
        QVERIFY(!folder->isVisible());
        choose(kind, "idx");
        QVERIFY(folder->isVisible());
        QVERIFY2(form.firstReason().contains("no folder is chosen"), qPrintable(form.firstReason()));
        typeOver(folder, "/data/mnist");
        QVERIFY(form.isValid());
        QCOMPARE(to_string(form.config().data.dataset), std::string("idx:/data/mnist"));
        choose(kind, "glyphs");
        QVERIFY(form.isValid());
        QCOMPARE(to_string(form.config().data.dataset), std::string("glyphs"));
        choose(kind, "idx");
        QCOMPARE(to_string(form.config().data.dataset), std::string("idx:/data/mnist"));
    }

    void settings_that_mean_nothing_for_the_data_are_not_shown() {
        ExperimentForm form;
        showWhole(form);
        auto* padding = control<NumberSpin>(form, "Crop padding (pixels)");
        auto* noise = control<NumberSpin>(form, "Noise");
        QVERIFY(padding->isVisible() && noise->isVisible());
        form.setConfig(find_sample("moons")->config);
        QVERIFY(!padding->isVisible() && noise->isVisible());
        form.setConfig(find_sample("cifar10")->config);
        QVERIFY(padding->isVisible() && !noise->isVisible());
    }

    void a_setting_that_does_not_belong_there_but_is_wrong_stays_within_reach() {
        ExperimentForm form;
        ExperimentConfig config = find_sample("moons")->config;
        config.data.crop_padding = 4;
        form.setConfig(config);
        showWhole(form);
        QVERIFY(!form.isValid());
        auto* padding = control<NumberSpin>(form, "Crop padding (pixels)");
        QVERIFY(padding->isVisible());
        typeOver(padding, "0");
        QVERIFY(form.isValid());
    }

    void hidden_widths_are_checked_as_one_types() {
        ExperimentForm form;
        showWhole(form);
        auto* hidden = control<QLineEdit>(form, "Hidden widths", 1);
        typeOver(hidden, "64x");
        QVERIFY(!form.isValid());
        QVERIFY2(form.firstReason().contains("64x64"), qPrintable(form.firstReason()));
        QTest::keyClicks(hidden, "32");
        QVERIFY(form.isValid());
        QCOMPARE(to_string(form.config().student.network), std::string("mlp:hidden=64x32"));
        typeOver(hidden, "");
        QVERIFY(!form.isValid());
        QCOMPARE(to_string(form.config().student.network), std::string("mlp:hidden=64x32"));
    }

    void another_network_brings_and_drops_its_options() {
        ExperimentForm form;
        showWhole(form);
        auto* network = control<QComboBox>(form, "Student's network");
        choose(network, "resnet8");
        QCOMPARE(to_string(form.config().student.network), std::string("resnet8"));
        QVERIFY(!control<QLineEdit>(form, "Hidden widths", 1)->isVisible());
        choose(network, "mlp");
        QCOMPARE(form.config().student.network.options.count("hidden"), std::size_t(1));
        QVERIFY(form.isValid());
    }

    void a_teacher_with_weights_is_not_trained() {
        ExperimentForm form;
        showWhole(form);
        form.focusField("teacher.training.epochs");
        auto* weights = control<QLineEdit>(form, "Weights of the teacher");
        auto* epochs = control<NumberSpin>(form, "Epochs", 0);
        QVERIFY(epochs->isEnabled());
        typeOver(weights, "t.safetensors");
        QCOMPARE(form.config().teacher.network.weights, std::string("t.safetensors"));
        QVERIFY(!epochs->isEnabled());
        auto* clear = weights->findChild<QToolButton*>();
        QVERIFY(clear);
        clear->click();
        QCOMPARE(form.config().teacher.network.weights, std::string());
        QVERIFY(epochs->isEnabled());
    }

    void settings_of_another_optimiser_or_schedule_are_idle() {
        ExperimentForm form;
        showWhole(form);
        auto* momentum = control<NumberSpin>(form, "Momentum", 1);
        auto* drop = control<NumberSpin>(form, "Drop factor", 1);
        QVERIFY(momentum->isEnabled() && !drop->isEnabled());
        choose(control<QComboBox>(form, "Optimizer", 1), "adamw");
        choose(control<QComboBox>(form, "Schedule", 1), "step");
        QVERIFY(!momentum->isEnabled() && drop->isEnabled());
    }

    void a_weight_beyond_the_slider_is_kept() {
        ExperimentForm form;
        showWhole(form);
        auto* spin = control<NumberSpin>(form, "Teacher");
        auto* slider = control<QSlider>(form, "Teacher");
        typeOver(spin, "9");
        QCOMPARE(form.config().distillation.soft_weight, 9.0);
        QCOMPARE(slider->value(), slider->maximum());
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QCOMPARE(form.config().distillation.soft_weight, 0.0);
        QCOMPARE(spin->text(), QString("0"));
    }

    void the_dialog_for_a_folder_is_opened_not_executed() {
        PathEdit edit(PathEdit::Kind::folder, "Folder");
        edit.show();
        QSignalSpy edits(&edit, &PathEdit::edited), commits(&edit, &PathEdit::committed);
        edit.browse();
        auto* dialog = edit.findChild<QFileDialog*>();
        QVERIFY(dialog);
        QVERIFY(dialog->isVisible());
        emit dialog->fileSelected("/data/set");
        QCOMPARE(edit.path(), QString("/data/set"));
        QCOMPARE(edits.count(), 1);
        QCOMPARE(commits.count(), 1);
        dialog->reject();
    }
};

QTEST_MAIN(FormEditorsTest)
#include "form_editors_test.moc"
