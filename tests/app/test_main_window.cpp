// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QMimeData>
#include <QPointer>
#include <QSignalSpy>
#include <QTest>

#include "app/pages/training_page.h"
#include "app/window/file_actions.h"
#include "app/window/run_actions.h"
#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "tests/app/window_driver.h"
#include "tests/support/fake_engine.h"
#include "widgets/bar/message_bar.h"
#include "widgets/cards/network_card.h"
#include "widgets/cards/network_details.h"
#include "widgets/forms/experiment_form.h"
#include "widgets/forms/number_spin.h"
#include "widgets/plots/training_plot.h"
#include "widgets/runs/runs_model.h"
#include "widgets/runs/runs_view.h"

using namespace limbeck;

/// The whole window, driven as a person drives it, over an engine that only pretends to train.
class TestMainWindow : public QObject {
    Q_OBJECT

  private slots:

    void init() {
        fake_ = std::make_shared<test::FakeSettings>();
        fake_->step_microseconds = 1000;
        driver_ = std::make_unique<WindowDriver>(test::fake_engine(fake_));
        QVERIFY(driver_->window->newFromSample("moons"));
        driver_->window->show();
        QVERIFY(QTest::qWaitForWindowExposed(driver_->window.get()));
    }

    void cleanup() { driver_.reset(); }

    void a_sample_is_ready_to_start() {
        QVERIFY(window().actions().start->isEnabled());
        QVERIFY(!window().actions().pause->isEnabled());
        QVERIFY(!window().actions().stop->isEnabled());
        QVERIFY(!window().isWindowModified());
        QVERIFY(window().windowTitle().startsWith("Untitled"));
    }

    void an_edit_in_the_form_is_marked_and_can_be_undone() {
        auto* temperature = editor("distillation.temperature");
        const double before = *temperature->real();
        type(temperature, "6");
        QCOMPARE(window().document().config().distillation.temperature, 6.0);
        QVERIFY(window().isWindowModified());
        window().actions().undo->trigger();
        QCOMPARE(*temperature->real(), before);
        QVERIFY(!window().isWindowModified());
    }

    void a_bad_value_keeps_start_from_being_pressed_and_says_why() {
        ExperimentConfig config = window().document().config();
        config.distillation.hard_weight = 0;
        config.distillation.soft_weight = 0;
        window().document().edit(config);
        QVERIFY(!window().actions().start->isEnabled());
        QVERIFY(window().actions().start->toolTip().startsWith("Cannot start:"));
    }

    void a_term_that_does_not_fit_the_networks_keeps_start_from_being_pressed() {
        ExperimentConfig config = window().document().config();
        config.student.network = {"mlp", {{"hidden", "16"}}, {}};
        config.distillation.terms = parse_terms("nst").value();
        window().document().edit(config);
        QTRY_VERIFY(!window().actions().start->isEnabled());
        QVERIFY(window().actions().start->toolTip().contains("nst compares pictures."));
        config.distillation.terms.clear();
        window().document().edit(config);
        QTRY_VERIFY(window().actions().start->isEnabled());
    }

    void layers_are_counted_only_while_somebody_looks_and_nothing_is_asked_twice() {
        QTRY_COMPARE(fake_->costs_asked.load(), 2); // the teacher's and the student's
        QCOMPARE(fake_->layers_asked.load(), 0);
        const auto edit = [this](auto change) {
            ExperimentConfig config = window().document().config();
            change(config);
            window().document().edit(config);
        };
        edit([](ExperimentConfig& config) { config.distillation.terms = {{"at", 1, {}, {}}}; });
        QTRY_COMPARE(fake_->needs_asked.load(), 1);
        QCOMPARE(fake_->costs_asked.load(), 2); // a term is no other network

        emit window().form().studentCard()->detailsRequested();
        QTRY_COMPARE(fake_->layers_asked.load(), 2);
        QCOMPARE(fake_->costs_asked.load(), 2);
        auto* details = window().findChild<NetworkDetails*>();
        QVERIFY(details);
        edit([](ExperimentConfig& config) { config.data.seed += 1; });
        QTRY_COMPARE(fake_->layers_asked.load(), 4); // a window that is open follows
        QCOMPARE(fake_->costs_asked.load(), 4);

        QPointer<NetworkDetails> gone(details);
        details->close();
        QTRY_VERIFY(!gone);
        QCoreApplication::processEvents();
        edit([](ExperimentConfig& config) { config.data.seed += 1; });
        QTRY_COMPARE(fake_->costs_asked.load(), 6);
        QTRY_COMPARE(fake_->needs_asked.load(), 3);
        QCOMPARE(fake_->layers_asked.load(), 4);
    }

    void the_whole_job_start_watch_pause_change_resume_stop_save_reopen() {
        startLong();
        QTRY_VERIFY(pointsOn(page().lossPlot()) > 10);
        followUntil(Role::student);
        QTRY_VERIFY_WITH_TIMEOUT(pointsOn(page().agreementPlot()) > 10, 20000);

        window().actions().pause->trigger();
        QTRY_VERIFY(window().runs().isPaused());
        QCOMPARE(window().actions().pause->text().remove('&'), QStringLiteral("Resume"));
        window().bridge().pollNow();
        const std::size_t atPause = pointsOn(page().lossPlot());
        QTest::qWait(300); // long enough for hundreds of steps, if there were any
        window().bridge().pollNow();
        QCOMPARE(pointsOn(page().lossPlot()), atPause);

        type(editor("distillation.temperature"), "8");
        QTRY_COMPARE(page().lossPlot().eventMarks().size(), 1);
        QVERIFY(page().lossPlot().eventMarks().constFirst().label.endsWith(QStringLiteral("→8")));
        QCOMPARE(page().agreementPlot().eventMarks().size(), 1);

        window().actions().pause->trigger();
        QTRY_VERIFY(!window().runs().isPaused());
        QTRY_VERIFY(pointsOn(page().lossPlot()) > atPause + 20);
        window().actions().stop->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window().runs().isRunning(), 20000);

        const QString target = driver_->folder.filePath("kept");
        QVERIFY(window().files().saveTo(target));
        QVERIFY(!window().isWindowModified());
        const Shown before = shown();
        QVERIFY(!before.curves.isEmpty());

        QVERIFY(window().newFromSample("circles"));
        QVERIFY(page().runsModel().rowCount() == 0);
        QVERIFY(window().openProject(target));
        page().runsView().choose(before.run);
        const Shown after = shown();
        QCOMPARE(after.run, before.run);
        QCOMPARE(after.config, before.config);
        QCOMPARE(after.marks, before.marks);
        QCOMPARE(after.curves, before.curves);
        QCOMPARE(page().record(before.run)->state, RunState::stopped);

        QVERIFY(window().actions().resumeRun->isEnabled());
        window().actions().resumeRun->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(pointsOn(page().lossPlot()) > atPause + 40, 20000);
        window().actions().stop->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window().runs().isRunning(), 20000);
    }

    void one_step_at_a_time() {
        startLong();
        followUntil(Role::student);
        window().actions().pause->trigger();
        QTRY_VERIFY(window().runs().isPaused());
        const std::int64_t at = stepOfChosen();
        window().actions().step->trigger();
        QTRY_COMPARE(stepOfChosen(), at + 1);
        QTest::qWait(200);
        window().bridge().pollNow();
        QCOMPARE(stepOfChosen(), at + 1);
    }

    void space_pauses_and_resumes_when_no_control_wants_it() {
        startLong();
        page().setFocus();
        QTest::keyClick(&window(), Qt::Key_Space);
        QTRY_VERIFY(window().runs().isPaused());
        QTest::keyClick(&window(), Qt::Key_Space);
        QTRY_VERIFY(!window().runs().isPaused());
    }

    void settings_are_locked_while_a_run_is_on_but_the_live_ones() {
        startLong();
        QVERIFY(!window().form().findChild<QWidget*>("training.batch_size")->isEnabled());
        QVERIFY(window().form().findChild<QWidget*>("distillation.temperature")->isEnabled());
        window().actions().stop->trigger();
        QTRY_VERIFY(!window().runs().isRunning());
        QVERIFY(window().form().findChild<QWidget*>("training.batch_size")->isEnabled());
    }

    void a_run_that_fails_says_why_in_the_bar_and_the_next_one_works() {
        fake_->fail_at_step = 5;
        window().actions().start->trigger();
        QTRY_VERIFY(!window().runs().isRunning());
        QVERIFY(window().messages().current() != nullptr);
        QCOMPARE(window().messages().current()->severity, Severity::error);

        fake_->fail_at_step = -1;
        startLong();
        QTRY_VERIFY(pointsOn(page().lossPlot()) > 10);
        const Message* message = window().messages().current();
        QVERIFY2(!message || message->severity == Severity::information,
                 "the old failure went away with the new start");
    }

    void what_was_said_about_a_project_goes_with_it() {
        fake_->fail_at_step = 5;
        window().actions().start->trigger();
        QTRY_VERIFY(!window().runs().isRunning());
        QVERIFY(window().messages().current() != nullptr);
        WindowDriver::answerNextQuestion("Discard");
        window().actions().close->trigger();
        QCOMPARE(window().messages().count(), 0);
    }

    void a_project_dropped_on_the_window_is_opened() {
        const QString target = driver_->folder.filePath("dropped");
        QVERIFY(window().files().saveTo(target));
        QVERIFY(window().newFromSample("circles"));
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(target)});
        QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&window(), &drop);
        QTRY_COMPARE(window().document().title(), QStringLiteral("dropped"));
    }

    void a_run_is_repeated_lends_its_settings_and_is_removed() {
        ExperimentConfig config = window().document().config();
        config.teacher.training.epochs = config.training.epochs = 1;
        config.student.train_alone = false;
        config.distillation.temperature = 7;
        window().document().edit(config);
        window().actions().start->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window().runs().isRunning(), 20000);
        const RunId run = page().chosenRun();
        const int rows = page().runsModel().rowCount();

        window().actions().repeatRun->trigger();
        QVERIFY(window().runs().isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!window().runs().isRunning(), 20000);
        QCOMPARE(page().runsModel().rowCount(), rows + 1);
        const RunId repeated = page().chosenRun();
        QVERIFY(repeated != run);
        QCOMPARE(page().summary(repeated).last_accuracy, page().summary(run).last_accuracy);

        config.distillation.temperature = 3;
        window().document().edit(config);
        emit page().runsView().settingsRequested(run);
        QCOMPARE(window().document().config().distillation.temperature, 7.0);

        WindowDriver::answerNextQuestion("Remove");
        emit page().runsView().removeRequested(repeated);
        QTRY_COMPARE(page().runsModel().rowCount(), rows);
        QVERIFY(!page().record(repeated));
    }

    void evaluate_now_adds_a_validation_point() {
        startLong();
        followUntil(Role::student);
        window().actions().pause->trigger();
        QTRY_VERIFY(window().runs().isPaused());
        const auto evaluations = [this] {
            window().bridge().pollNow();
            const auto points =
                window().document().session()->points(page().chosenRun(), "validation/accuracy");
            return points ? points->size() : 0;
        };
        const auto run = page().record(page().chosenRun());
        const std::int64_t stepsPerEpoch = run->total_steps / run->total_epochs;
        std::int64_t at = stepOfChosen();
        do { // not where an epoch's end has been measured already
            window().actions().step->trigger();
            QTRY_COMPARE(stepOfChosen(), at + 1);
        } while (++at % stepsPerEpoch == 0);
        const std::size_t before = evaluations();
        window().actions().evaluateNow->trigger();
        QTRY_VERIFY(evaluations() > before);
    }

    void closing_with_a_run_on_asks_and_can_be_refused() {
        startLong();
        WindowDriver::answerNextQuestion("Keep Training");
        QVERIFY(!window().close());
        QVERIFY(window().isVisible());
        QVERIFY(window().runs().isRunning());
    }

    void closing_an_untitled_project_with_runs_asks_for_a_name() {
        startLong();
        QTRY_VERIFY(pointsOn(page().lossPlot()) > 0);
        window().actions().stop->trigger();
        QTRY_VERIFY(!window().runs().isRunning());
        QVERIFY(window().isWindowModified());
        WindowDriver::answerNextQuestion("Cancel");
        QVERIFY(!window().close());
        WindowDriver::answerNextQuestion("Discard");
        QVERIFY(window().close());
    }

  private:
    struct Shown {
        RunId run = 0;
        ExperimentConfig config;
        QVector<EventMark> marks;
        QByteArray curves;
    };

    MainWindow& window() { return *driver_->window; }

    TrainingPage& page() { return window().page(); }

    NumberSpin* editor(const char* key) {
        return window().form().findChild<QWidget*>(key)->findChild<NumberSpin*>();
    }

    static void type(NumberSpin* box, const char* text) {
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, text);
        QTest::keyClick(box, Qt::Key_Return);
    }

    /// More epochs than any test waits for.
    void startLong() {
        ExperimentConfig config = window().document().config();
        config.teacher.training.epochs = 1;
        config.student.train_alone = false;
        config.training.epochs = 500;
        window().document().edit(config);
        window().actions().start->trigger();
        QVERIFY(window().runs().isRunning());
    }

    void followUntil(Role role) {
        QTRY_VERIFY_WITH_TIMEOUT(
            page().record(page().chosenRun()) && page().record(page().chosenRun())->role == role, 20000);
    }

    std::int64_t stepOfChosen() { return page().record(page().chosenRun())->step; }

    Shown shown() {
        window().bridge().pollNow();
        return {page().chosenRun(), window().document().config(), page().lossPlot().eventMarks(),
                page().lossPlot().csv() + page().agreementPlot().csv()};
    }

    std::shared_ptr<test::FakeSettings> fake_;
    std::unique_ptr<WindowDriver> driver_;
};

QTEST_MAIN(TestMainWindow)
#include "test_main_window.moc"
