// SPDX-License-Identifier: GPL-3.0-or-later
// A network put together from layers: as text, as a table, and in the form.
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>

#include "backend/types/catalogue.h"
#include "tests/widgets/forms/form_access.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/stack_editor.h"
#include "widgets/forms/stack_model.h"
#include "widgets/forms/stack_templates.h"
#include "widgets/style/palette.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

constexpr const char* first = "conv3-8,relu,pool2,fc";

struct Stack {
    StackEditor editor;
    QLineEdit* line = control<QLineEdit>(editor, "Layers");
    QTableView* table = control<QTableView>(editor, "Layers as a table");
    QSignalSpy edits{&editor, &StackEditor::edited};

    explicit Stack(const std::string& text = first, std::vector<std::int64_t> input = {1, 8, 8},
                   std::int64_t classes = 10) {
        editor.setData(input, classes);
        editor.setText(text);
        editor.resize(320, 500);
        editor.show();
        if (QTest::qWaitForWindowExposed(&editor)) editor.activateWindow();
    }

    QString text() const { return QString::fromStdString(editor.text().value_or("unreadable")); }

    QString cell(int row, int column, int role = Qt::DisplayRole) const {
        return table->model()->index(row, column).data(role).toString();
    }

    void choose(int row) {
        table->setFocus();
        table->setCurrentIndex(table->model()->index(row, 0));
    }

    void press(const QString& name) { QTest::mouseClick(control<QToolButton>(editor, name), Qt::LeftButton); }

    bool can(const QString& name) { return control<QToolButton>(editor, name)->isEnabled(); }

    NumberSpin* number(const QString& name) { return control<NumberSpin>(editor, name + " of the layer"); }
};

void hold(const Stack& stack, const QString& text) {
    QCOMPARE(stack.text(), text);
    QCOMPARE(stack.line->text(), text);
    QCOMPARE(stack.table->model()->rowCount(), static_cast<int>(text.count(',')) + 1);
}

QComboBox* studentModel(ExperimentForm& form) {
    QComboBox* last = nullptr;
    for (QComboBox* each : form.findChildren<QComboBox*>())
        if (each->findData("stack") >= 0) last = each;
    return last;
}

} // namespace

class StackEditorTest : public QObject {
    Q_OBJECT

  private slots:

    void the_table_shows_what_flows_out_of_each_layer_and_its_parameters() {
        Stack stack;
        QCOMPARE(stack.cell(0, 0), QString("conv3-8"));
        QCOMPARE(stack.cell(0, 1), QString("8×8×8"));
        QCOMPARE(stack.cell(0, 2), QString("80"));
        QCOMPARE(stack.cell(2, 1), QString("8×4×4"));
        QCOMPARE(stack.cell(3, 1), QString("10"));
        QCOMPARE(stack.cell(3, 2), QString("1,290"));
        QCOMPARE(stack.editor.message(), QString("1,370 parameters"));
    }

    void what_is_typed_is_in_the_table_at_once() {
        Stack stack;
        typeOver(stack.line, "conv3-4, gap, fc");
        QCOMPARE(stack.text(), QString("conv3-4,gap,fc"));
        QCOMPARE(stack.table->model()->rowCount(), 3);
        QCOMPARE(stack.cell(1, 1), QString("4"));
        QVERIFY(stack.edits.count() > 0);
        stack.editor.setText("conv3-4,gap,fc");
        QCOMPARE(stack.line->text(), QString("conv3-4, gap, fc")); // its echo leaves the typing alone
    }

    void a_text_that_cannot_be_read_says_why_and_locks_the_table_until_it_can() {
        Stack stack;
        typeOver(stack.line, "conv3-4,pol2,fc");
        QVERIFY(!stack.editor.text());
        QVERIFY(stack.editor.message().startsWith("Layer 2"));
        QVERIFY(stack.line->findChild<InvalidMark*>()->isVisible());
        QVERIFY(!stack.table->isEnabled());
        QVERIFY(!stack.can("Add a layer"));
        QCOMPARE(stack.editor.target(), stack.line);
        typeOver(stack.line, "conv3-4,pool2,fc");
        QVERIFY(stack.editor.text());
        QVERIFY(!stack.line->findChild<InvalidMark*>()->isVisible());
        QVERIFY(stack.table->isEnabled());
    }

    void buttons_add_double_move_and_remove_the_chosen_layer() {
        Stack stack;
        stack.choose(0);
        stack.press("Add a layer");
        hold(stack, "conv3-8,conv3-32,relu,pool2,fc");
        QCOMPARE(stack.table->currentIndex().row(), 1);
        stack.press("Move the layer down");
        hold(stack, "conv3-8,relu,conv3-32,pool2,fc");
        stack.press("Move the layer up");
        stack.press("Move the layer up");
        hold(stack, "conv3-32,conv3-8,relu,pool2,fc");
        QVERIFY(!stack.can("Move the layer up"));
        stack.press("Remove the layer");
        hold(stack, "conv3-8,relu,pool2,fc");
        stack.choose(2);
        stack.press("Double the layer");
        hold(stack, "conv3-8,relu,pool2,pool2,fc");
        QVERIFY(!stack.can("Move the layer down"));
        QCOMPARE(stack.edits.count(), 6);
    }

    void keys_do_the_same() {
        Stack stack;
        stack.choose(0);
        QTest::keyClick(stack.table, Qt::Key_D, Qt::ControlModifier);
        hold(stack, "conv3-8,conv3-8,relu,pool2,fc");
        QTest::keyClick(stack.table, Qt::Key_Down, Qt::AltModifier);
        hold(stack, "conv3-8,relu,conv3-8,pool2,fc");
        QTest::keyClick(stack.table, Qt::Key_Up, Qt::AltModifier);
        QTest::keyClick(stack.table, Qt::Key_Delete);
        hold(stack, "conv3-8,relu,pool2,fc");
        QTest::keyClick(stack.table, Qt::Key_Insert);
        QCOMPARE(stack.table->model()->rowCount(), 5);
        QTest::keyClick(stack.table, Qt::Key_Return);
        QCOMPARE(QApplication::focusWidget(), control<QComboBox>(stack.editor, "Kind of the layer"));
    }

    void the_classifier_stays_the_last_layer() {
        Stack stack;
        stack.choose(3);
        for (const char* name :
             {"Remove the layer", "Double the layer", "Move the layer up", "Move the layer down"})
            QVERIFY2(!stack.can(name), name);
        QVERIFY(!control<QComboBox>(stack.editor, "Kind of the layer")->isEnabled());
        QTest::keyClick(stack.table, Qt::Key_Delete);
        QTest::keyClick(stack.table, Qt::Key_Up, Qt::AltModifier);
        hold(stack, first);
        QCOMPARE(stack.edits.count(), 0);
        stack.press("Add a layer");
        QVERIFY(stack.text().endsWith(",fc"));
        Stack alone("fc");
        alone.press("Add a layer");
        QCOMPARE(alone.table->model()->rowCount(), 2);
        QVERIFY(alone.text().endsWith(",fc"));
    }

    void the_controls_change_kind_and_numbers_of_the_chosen_layer() {
        Stack stack;
        stack.choose(0);
        typeOver(stack.number("Channels"), "12");
        typeOver(stack.number("Stride"), "2");
        hold(stack, "conv3-12s2,relu,pool2,fc");
        stack.choose(1);
        auto* kind = control<QComboBox>(stack.editor, "Kind of the layer");
        kind->setFocus();
        kind->setCurrentIndex(kind->findText("Dropout"));
        emit kind->activated(kind->currentIndex());
        hold(stack, "conv3-12s2,drop0.5,pool2,fc");
        typeOver(stack.number("Probability"), "0.25");
        hold(stack, "conv3-12s2,drop0.25,pool2,fc");
        stack.choose(2);
        typeOver(stack.number("Size"), "4");
        hold(stack, "conv3-12s2,drop0.25,pool4,fc");
    }

    void a_number_that_cannot_be_used_is_told_and_gone_with_the_next_layer() {
        Stack stack;
        stack.choose(0);
        typeOver(stack.number("Channels"), "0");
        QVERIFY(!stack.editor.text());
        QVERIFY(stack.editor.message().contains("channels"));
        QVERIFY(stack.editor.message().contains("from 1 to 65536"));
        QCOMPARE(stack.editor.target(), stack.number("Channels"));
        QCOMPARE(stack.line->text(), QString(first));
        const auto before = stack.edits.count();
        stack.choose(1);
        QCOMPARE(stack.text(), QString(first));
        QCOMPARE(stack.edits.count(), before + 1);
    }

    void every_layer_that_does_not_fit_is_red_and_says_why() {
        Stack stack("pool8,pool2,relu,flatten,conv3-4,fc");
        const QColor red = style::errorColour(stack.editor.palette());
        for (int row = 0; row < 6; ++row) {
            const bool wrong = row == 1 || row == 4;
            const QVariant colour = stack.table->model()->index(row, 0).data(Qt::ForegroundRole);
            QCOMPARE(colour.isValid() && colour.value<QColor>() == red, wrong);
            QCOMPARE(stack.cell(row, 1).startsWith("✕"), wrong); // not by colour alone
            QCOMPARE(!stack.cell(row, 0, Qt::ToolTipRole).isEmpty(), wrong);
        }
        QCOMPARE(stack.editor.message(),
                 QString("Layer 2, pool2: meets [1, 1, 1], which is smaller than 2×2."));
        stack.choose(4);
        QVERIFY(stack.editor.message().startsWith("Layer 5, conv3-4: meets [1]"));
        QVERIFY(stack.editor.text()); // it can be read and kept; larger pictures may make it fit
        stack.editor.setData({1, 32, 32}, 10);
        QVERIFY(stack.cell(1, 2) == "0");
    }

    void all_layers_together_may_be_too_large_too() {
        Stack stack("fc30000,fc30000,fc5000,fc", {3000}, 10);
        QVERIFY2(stack.editor.message().contains("more than a billion"), qPrintable(stack.editor.message()));
    }

    void without_data_shapes_are_left_open() {
        Stack stack(first, {}, 0);
        QCOMPARE(stack.cell(0, 1), QString("–"));
        QVERIFY(stack.editor.message().contains("as soon as the data are known"));
        stack.editor.setData({1, 8, 8}, 0);
        QCOMPARE(stack.cell(0, 1), QString("8×8×8"));
        QCOMPARE(stack.cell(3, 1), QString("classes"));
        QCOMPARE(stack.editor.message(), QString("80 parameters and those of the classifier"));
    }

    void every_template_can_be_read_and_fits_what_it_is_for() {
        for (const StackTemplate& each : stack_templates()) {
            const auto layers = parse_stack(each.layers);
            QVERIFY2(layers, each.layers.data());
            QCOMPARE(to_string(*layers), std::string(each.layers));
            for (const std::vector<std::int64_t>& input :
                 {std::vector<std::int64_t>{1, 28, 28}, {3, 32, 32}, {2}}) {
                if (each.needs_picture && input.size() == 1) continue;
                QVERIFY2(flow_shapes(*layers, input, 10), each.layers.data());
            }
        }
    }

    void a_template_takes_the_place_of_the_layers_and_those_for_pictures_are_not_for_points() {
        Stack stack;
        auto* menu = stack.editor.findChild<QMenu*>();
        menu->actions().first()->trigger();
        hold(stack, QString::fromUtf8(stack_templates().front().layers.data()));
        QCOMPARE(stack.edits.count(), 1);
        stack.editor.setData({2}, 3);
        emit menu->aboutToShow();
        for (int i = 0; i < menu->actions().size(); ++i)
            QCOMPARE(menu->actions()[i]->isEnabled(),
                     !stack_templates()[static_cast<std::size_t>(i)].needs_picture);
    }

    void a_new_stack_in_the_form_begins_with_one_that_fits_its_samples() {
        for (const char* sample : {"glyphs", "spirals"}) {
            ExperimentForm form;
            form.setConfig(find_sample(sample)->config);
            showWhole(form);
            auto* model = studentModel(form);
            QVERIFY(model);
            QVERIFY(!control<QLineEdit>(form, "Layers", 1)->isVisible());
            model->setCurrentIndex(model->findData("stack"));
            emit model->activated(model->currentIndex());
            QVERIFY(control<QLineEdit>(form, "Layers", 1)->isVisible());
            QCOMPARE(form.config().student.network.model, std::string("stack"));
            QVERIFY2(form.isValid(), qPrintable(form.firstReason()));
            const auto layers = parse_stack(form.config().student.network.options.at("layers"));
            QVERIFY(flow_shapes(layers.value(), find_dataset(form.config().data.dataset.kind)->shape, 3));
        }
    }

    void the_form_keeps_the_layers_and_tells_what_cannot_be_read() {
        ExperimentConfig config = find_sample("glyphs")->config;
        config.student.network = {"stack", {{"layers", "conv3-8,relu,gap,fc"}}, {}};
        ExperimentForm form;
        form.setConfig(config);
        showWhole(form);
        QVERIFY(form.config() == config);
        auto* line = control<QLineEdit>(form, "Layers", 1);
        QCOMPARE(line->text(), QString("conv3-8,relu,gap,fc"));
        typeOver(line, "conv3-8,relu,gap");
        QVERIFY(!form.isValid());
        QVERIFY2(form.firstReason().contains("classifier"), qPrintable(form.firstReason()));
        QVERIFY(form.config() == config);
        typeOver(line, "conv3-9,gap,fc");
        QVERIFY(form.isValid());
        QCOMPARE(form.config().student.network.options.at("layers"), std::string("conv3-9,gap,fc"));
        form.setRunning(true);
        QVERIFY(!line->isEnabled());
    }

    void the_form_passes_on_what_is_known_of_the_data_until_others_are_chosen() {
        ExperimentConfig config = find_sample("glyphs")->config;
        config.student.network = {"stack", {{"layers", "conv3-8,gap,fc"}}, {}};
        ExperimentForm form;
        form.setConfig(config);
        const auto* student = form.findChildren<StackEditor*>().last();
        const auto* model = student->findChild<StackModel*>();
        QCOMPARE(model->index(0, 1).data().toString(), QString("8×28×28"));
        QCOMPARE(model->index(2, 1).data().toString(), QString("classes"));
        form.setDataShape({1, 28, 28}, 10);
        QCOMPARE(model->index(2, 1).data().toString(), QString("10"));
        config.data.dataset = {"idx", "/somewhere"};
        form.setConfig(config);
        QCOMPARE(model->index(0, 1).data().toString(), QString("–"));
        form.setDataShape({3, 20, 24}, 7);
        QCOMPARE(model->index(0, 1).data().toString(), QString("8×20×24"));
        QCOMPARE(model->index(2, 1).data().toString(), QString("7"));
    }
};

QTEST_MAIN(StackEditorTest)
#include "stack_editor_test.moc"
