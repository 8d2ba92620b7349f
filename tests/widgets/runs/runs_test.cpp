// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QtTest>

#include "widgets/runs/runs_model.h"
#include "widgets/runs/runs_view.h"

using namespace limbeck;

namespace {

RunRow student(RunId id, double temperature, std::optional<double> accuracy = {}) {
    RunRow row;
    row.record.id = id;
    row.record.name = "run " + std::to_string(id);
    row.record.state = RunState::finished;
    row.record.epoch = row.record.total_epochs = 20;
    row.record.config.distillation.temperature = temperature;
    row.summary.last_accuracy = row.summary.best_accuracy = accuracy;
    return row;
}

QString cell(const RunsModel& model, RunId run, RunsModel::Column column) {
    return model.indexOf(run, column).data().toString();
}

QStringList namesInView(const RunsView& view) {
    QStringList names;
    for (int row = 0; row < view.model()->rowCount(); ++row)
        names << view.model()->index(row, 0).data().toString();
    return names;
}

QAction* entry(QMenu& menu, const QString& text) {
    for (QAction* action : menu.actions())
        if (action->text().remove('&').startsWith(text)) return action;
    return nullptr;
}

struct Listed {
    RunsModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
    RunsView view;

    explicit Listed(std::vector<RunRow> rows) {
        view.setRunsModel(&model);
        model.setRuns(rows);
        view.resize(900, 300);
        view.show();
    }
};

} // namespace

class RunsTest : public QObject {
    Q_OBJECT

  private slots:

    void is_a_sound_model_through_all_its_changes() {
        RunsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        model.setRuns({student(1, 4), student(3, 1), student(2, 8)});
        model.updateRun(student(4, 2));
        model.setShown(3, true);
        model.updateSummary(2, {});
        model.setRuns({student(2, 8), student(4, 2), student(5, 2)});
        model.removeRun(2);
        model.removeRun(99);
        model.setRuns({});
        QCOMPARE(model.rowCount(), 0);
        QCOMPARE(resets.count(), 0);
    }

    void lists_the_newest_run_first() {
        Listed list({student(1, 4), student(3, 4), student(2, 4)});
        QCOMPARE(namesInView(list.view), (QStringList{"run 3", "run 2", "run 1"}));
    }

    void says_only_what_differs() {
        RunRow a = student(1, 4), b = student(2, 1), c = student(3, 4);
        c.record.config.training.seed = 5;
        Listed list({a, b, c});
        QCOMPARE(cell(list.model, 1, RunsModel::settings_column), QString("T 4 · seed 0"));
        QCOMPARE(cell(list.model, 2, RunsModel::settings_column), QString("T 1 · seed 0"));
        QCOMPARE(cell(list.model, 3, RunsModel::settings_column), QString("T 4 · seed 5"));
        list.model.removeRun(2);
        QCOMPARE(cell(list.model, 1, RunsModel::settings_column), QString("seed 0"));
    }

    void what_differs_is_looked_for_once_however_many_runs_come_together() {
        std::vector<RunRow> rows;
        for (RunId id = 1; id <= 6; ++id)
            rows.push_back(student(id, 4));
        rows[1].record.config.training.seed = 5; // each makes all before it say one thing more
        rows[2].record.config.training.batch_size = 77;
        rows[3].record.config.training.epochs = 77;
        rows[4].record.config.distillation.temperature = 7;
        rows[5].record.config.distillation.hard_weight = 0.7;
        RunsModel model;
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.setRuns(rows);
        QCOMPARE(changes.count(), 6);
        QCOMPARE(cell(model, 1, RunsModel::settings_column).count("·"), 4);
    }

    void a_teacher_knows_no_temperature() {
        RunRow teacher = student(1, 4), alone = student(2, 4);
        teacher.record.role = Role::teacher;
        alone.record.role = Role::baseline;
        Listed list({teacher, alone, student(3, 1), student(4, 2)});
        QCOMPARE(cell(list.model, 1, RunsModel::settings_column), QString());
        QCOMPARE(cell(list.model, 2, RunsModel::settings_column), QString());
        QCOMPARE(cell(list.model, 3, RunsModel::settings_column), QString("T 1"));
    }

    void shows_numbers_and_progress_in_the_words_of_the_window() {
        RunRow row = student(1, 4, 0.93149);
        row.summary.last_agreement = 0.94;
        row.record.state = RunState::running;
        row.record.epoch = 12;
        row.record.seconds = 84;
        Listed list({row});
        QCOMPARE(cell(list.model, 1, RunsModel::last_accuracy_column), QString("93.1"));
        QCOMPARE(cell(list.model, 1, RunsModel::last_agreement_column), QString("94.0"));
        QCOMPARE(cell(list.model, 1, RunsModel::best_agreement_column), QString("—"));
        QCOMPARE(cell(list.model, 1, RunsModel::progress_column), QString("12/20"));
        QCOMPARE(cell(list.model, 1, RunsModel::time_column), QString("1:24"));
        row.record.state = RunState::stopped;
        list.model.updateRun(row);
        QCOMPARE(cell(list.model, 1, RunsModel::progress_column), QString("stopped 12/20"));
    }

    void tells_of_cells_that_change_and_of_no_others() {
        RunRow row = student(1, 4, 0.93149);
        row.record.state = RunState::running;
        Listed list({row, student(2, 4)});
        QSignalSpy changes(&list.model, &QAbstractItemModel::dataChanged);
        row.record.step += 50; // within the epoch: nothing that the list shows
        list.model.updateRun(row);
        list.model.updateSummary(1, row.summary);
        QCOMPARE(changes.count(), 0);

        row.summary.last_accuracy = 0.93151; // shown alike, and sorted by all the same
        list.model.updateSummary(1, row.summary);
        QCOMPARE(changes.count(), 1);
        QCOMPARE(changes[0][0].toModelIndex().column(), int(RunsModel::last_accuracy_column));
        QCOMPARE(changes[0][1].toModelIndex().column(), int(RunsModel::last_accuracy_column));

        row.record.state = RunState::paused;
        list.model.updateRun(row);
        QCOMPARE(changes.count(), 2);
        QCOMPARE(changes[1][0].toModelIndex().column(), int(RunsModel::name_column)); // its picture
    }

    void draws_a_picture_once_for_each_role_and_state() {
        Listed list({student(1, 4), student(2, 4)});
        const auto picture = [&](RunId run) {
            return list.model.indexOf(run).data(Qt::DecorationRole).value<QIcon>().cacheKey();
        };
        QCOMPARE(picture(1), picture(2));
        RunRow running = student(2, 4);
        running.record.state = RunState::running;
        list.model.updateRun(running);
        QVERIFY(picture(1) != picture(2));
    }

    void keeps_the_choice_while_runs_come_and_change() {
        Listed list({student(1, 4), student(2, 4)});
        QSignalSpy chosen(&list.view, &RunsView::chosen);
        list.view.choose(1);
        QCOMPARE(chosen.count(), 1);
        list.model.updateRun(student(3, 4));
        list.model.updateRun(student(1, 8, 0.5));
        list.model.setRuns({student(1, 8), student(2, 4), student(3, 4), student(4, 4)});
        QCOMPARE(list.view.chosenRun(), std::optional<RunId>(1));
        QCOMPARE(chosen.count(), 1);
    }

    void a_click_on_a_row_chooses_the_run() {
        Listed list({student(1, 4), student(2, 4)});
        QSignalSpy chosen(&list.view, &RunsView::chosen);
        const QModelIndex second = list.view.model()->index(1, RunsModel::last_accuracy_column);
        QTest::mouseClick(list.view.viewport(), Qt::LeftButton, {}, list.view.visualRect(second).center());
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.last().first().value<RunId>(), RunId(1));
    }

    void space_lays_a_run_over_the_plots_and_takes_it_away() {
        Listed list({student(1, 4)});
        QSignalSpy shown(&list.view, &RunsView::shownChanged);
        list.view.choose(1);
        QTest::keyClick(&list.view, Qt::Key_Space);
        QCOMPARE(shown.count(), 1);
        QCOMPARE(shown.last().at(1).toBool(), true);
        QVERIFY(list.model.shown().contains(1));
        QTest::keyClick(&list.view, Qt::Key_Space);
        QCOMPARE(shown.last().at(1).toBool(), false);
        list.model.setShown(1, true);
        list.model.removeRun(1);
        QCOMPARE(shown.last().at(1).toBool(), false);
    }

    void sorts_by_a_column_with_the_unknown_last_either_way() {
        Listed list({student(1, 4, 0.5), student(2, 4), student(3, 4, 0.9), student(4, 4, 0.7)});
        list.view.sortByColumn(RunsModel::last_accuracy_column, Qt::AscendingOrder);
        QCOMPARE(namesInView(list.view), (QStringList{"run 1", "run 4", "run 3", "run 2"}));
        list.view.sortByColumn(RunsModel::last_accuracy_column, Qt::DescendingOrder);
        QCOMPARE(namesInView(list.view), (QStringList{"run 3", "run 4", "run 1", "run 2"}));
        list.view.sortByColumn(-1, Qt::AscendingOrder);
        QCOMPARE(namesInView(list.view), (QStringList{"run 4", "run 3", "run 2", "run 1"}));
    }

    void asks_for_another_name_and_waits_for_the_project() {
        Listed list({student(1, 4)});
        QSignalSpy renamed(&list.view, &RunsView::renameRequested);
        list.view.choose(1);
        QTest::keyClick(&list.view, Qt::Key_F2);
        auto* edit = list.view.viewport()->findChild<QLineEdit*>();
        QVERIFY(edit);
        QTest::keyClick(edit, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(edit, "a better name");
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(renamed.count(), 1);
        QCOMPARE(renamed.last().at(1).toString(), QString("a better name"));
        QCOMPARE(cell(list.model, 1, RunsModel::name_column), QString("run 1"));
    }

    void offers_what_can_be_done_with_a_run() {
        RunRow stopped = student(1, 4);
        stopped.record.state = RunState::stopped;
        Listed list({stopped, student(2, 4)});
        const std::unique_ptr<QMenu> of_stopped(list.view.makeMenu(1, nullptr));
        const std::unique_ptr<QMenu> of_done(list.view.makeMenu(2, nullptr));
        QVERIFY(entry(*of_stopped, "Resume")->isEnabled());
        QVERIFY(!entry(*of_done, "Resume")->isEnabled());
        QSignalSpy resumed(&list.view, &RunsView::resumeRequested),
            repeated(&list.view, &RunsView::repeatRequested), removed(&list.view, &RunsView::removeRequested),
            used(&list.view, &RunsView::settingsRequested);
        entry(*of_stopped, "Resume")->trigger();
        entry(*of_done, "Repeat")->trigger();
        entry(*of_done, "Remove")->trigger();
        entry(*of_done, "Use Settings")->trigger();
        QCOMPARE(resumed.count() + repeated.count() + removed.count() + used.count(), 4);
        QCOMPARE(resumed.last().first().value<RunId>(), RunId(1));
        list.view.setRunning(true);
        const std::unique_ptr<QMenu> while_on(list.view.makeMenu(1, nullptr));
        QVERIFY(!entry(*while_on, "Resume")->isEnabled());
        QVERIFY(!entry(*while_on, "Repeat")->isEnabled());
    }

    void a_viewed_project_offers_nothing_that_writes() {
        Listed list({student(1, 4)});
        list.view.setReadOnly(true);
        const std::unique_ptr<QMenu> menu(list.view.makeMenu(1, nullptr));
        for (const char* text : {"Resume", "Repeat", "Rename", "Remove"})
            QVERIFY2(!entry(*menu, text)->isEnabled(), text);
        QSignalSpy removed(&list.view, &RunsView::removeRequested);
        list.view.choose(1);
        QTest::keyClick(&list.view, Qt::Key_Delete);
        QCOMPARE(removed.count(), 0);
    }

    void the_empty_list_says_how_it_fills() {
        Listed list({});
        list.view.setEmptyText({});
        const QImage silent = list.view.grab().toImage();
        list.view.setEmptyText("Press Start to train");
        QVERIFY(list.view.grab().toImage() != silent);
    }
};

QTEST_MAIN(RunsTest)
#include "runs_test.moc"
