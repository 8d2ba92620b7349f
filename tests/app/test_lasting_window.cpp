// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QCheckBox>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QPlainTextEdit>
#include <QProcess>
#include <QProcessEnvironment>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "app/document/paths.h"
#include "app/pages/training_page.h"
#include "app/recovery/recovery_writer.h"
#include "app/window/archive_actions.h"
#include "app/window/archive_dialog.h"
#include "app/window/file_actions.h"
#include "app/window/recovery_offers.h"
#include "app/window/run_actions.h"
#include "backend/project/project.h"
#include "backend/types/catalogue.h"
#include "tests/app/window_driver.h"
#include "tests/support/fake_engine.h"
#include "widgets/bar/message_bar.h"
#include "widgets/bar/progress_strip.h"
#include "widgets/plots/training_plot.h"
#include "widgets/runs/runs_model.h"
#include "widgets/runs/runs_view.h"

using namespace limbeck;

/// What is left of a crash, who holds a project, a disk that is full: as the window tells it.
class TestLastingWindow : public QObject {
    Q_OBJECT

  private slots:

    void init() {
        fake_ = std::make_shared<test::FakeSettings>();
        fake_->step_microseconds = 1000;
        driver_ = std::make_unique<WindowDriver>(test::fake_engine(fake_));
        QVERIFY(driver_->window->newFromSample("moons"));
    }

    void cleanup() { driver_.reset(); }

    void edits_of_a_crashed_program_are_offered_and_restored_as_one_step() {
        const QString project = makeProject("spirals");
        leave(project, [](ExperimentConfig& config) {
            config.distillation.temperature = 6;
            config.training.epochs = 31;
        });
        show();
        QTRY_VERIFY(message("Limbeck ended before edits of “spirals” were saved"));
        QVERIFY(message("Temperature 2 → 6, Epochs"));
        QVERIFY(window().isVisible() && !QApplication::activeModalWidget());
        press("messageAction");
        QCOMPARE(window().document().title(), QString("spirals"));
        QCOMPARE(window().document().config().distillation.temperature, 6.0);
        QCOMPARE(window().document().config().training.epochs, std::int64_t(31));
        QVERIFY(window().isWindowModified());
        QCOMPARE(window().document().undoStack()->count(), 1);
        // They are this window's to keep now; the old file goes when its own is there.
        QTRY_VERIFY(QFileInfo::exists(window().recovery().file()));
        QTRY_VERIFY(!QFileInfo::exists(left_));
        window().actions().undo->trigger();
        QCOMPARE(window().document().config(), window().document().savedConfig());
        QVERIFY(!window().isWindowModified());
    }

    void what_the_project_was_saved_with_since_stays_and_is_told() {
        const QString project = makeProject("spirals");
        leave(project, [](ExperimentConfig& config) { config.distillation.temperature = 6; });
        {
            auto other = Project::open(path_of_text(project), Project::Access::write);
            QVERIFY(other);
            ExperimentConfig config = *(*other)->config();
            config.training.batch_size = 48;
            QVERIFY((*other)->save_config(config));
        }
        show();
        QTRY_VERIFY(message("The project itself has changed since."));
        QVERIFY(window().messages().current()->detail.contains("Batch size"));
        press("messageAction");
        QCOMPARE(window().document().config().distillation.temperature, 6.0);
        QCOMPARE(window().document().config().training.batch_size, std::int64_t(48));
    }

    void discard_removes_and_closing_keeps_for_the_next_start() {
        const QString project = makeProject("spirals");
        leave(project, [](ExperimentConfig& config) { config.distillation.temperature = 6; });
        show();
        QTRY_VERIFY(message("spirals"));
        window().messages().dismissCurrent();
        QSignalSpy looked(&window().offers(), &RecoveryOffers::looked);
        window().offers().look();
        QTRY_COMPARE(looked.size(), 1);
        QVERIFY2(message("spirals"), "it is offered again");
        press("messageSecondAction");
        QTRY_VERIFY(!QFileInfo::exists(left_));
        window().offers().look();
        QTRY_COMPARE(looked.size(), 2);
        QCOMPARE(looked.last().at(0).toInt(), 0);
        QCOMPARE(window().messages().count(), 0);
    }

    void a_project_that_is_gone_is_restored_as_a_new_one() {
        const QString project = makeProject("spirals");
        leave(project, [](ExperimentConfig& config) { config.distillation.temperature = 6; });
        QVERIFY(QDir(project).removeRecursively());
        show();
        QTRY_VERIFY(message("no longer where it was"));
        press("messageAction");
        QVERIFY(window().document().isUntitled());
        QCOMPARE(window().document().config().distillation.temperature, 6.0);
    }

    void a_damaged_file_is_told_and_kept() {
        QDir().mkpath(root());
        QFile file(root() + "/old.recovery");
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("limbeck-recovery 1 rubbish\n{") > 0);
        file.close();
        show();
        QTRY_VERIFY(message("is damaged and was left out"));
        QVERIFY(QFileInfo::exists(root() + "/old.recovery.damaged"));
        // What the bar said stands in the log too.
        window().actions().log->trigger();
        auto* log = window().findChild<QPlainTextEdit*>("logText");
        QVERIFY(log && log->toPlainText().contains("warning: A file with unsaved edits"));
    }

    void the_log_does_not_grow_without_end() {
        const LogFile log(driver_->folder.filePath("state/log"));
        const QString line(1000, 'x');
        for (int i = 0; i < 1200; ++i)
            log.write("error", QString::number(i) + line);
        QVERIFY(QFileInfo(log.path()).size() <= LogFile::largest + 2000);
        QVERIFY(QFileInfo(log.path() + ".1").size() <= LogFile::largest + 2000);
        QCOMPARE(QDir(driver_->folder.filePath("state")).entryList({"log*"}, QDir::Files).size(), 2);
        QVERIFY(log.tail(4000).contains("error: 1199x"));
        QVERIFY(log.tail(4000).size() <= 4000);
    }

    void a_damaged_project_says_how_much_of_it_is_not_shown() {
        const QString project = makeProject("hurt");
        {
            auto open = Project::open(path_of_text(project), Project::Access::write);
            QVERIFY(open);
            for (const char* name : {"a run to be found again by its name", "another"}) {
                RunRecord run;
                run.group = 1;
                run.name = name;
                run.config = find_sample("moons")->config;
                QVERIFY((*open)->add_run(run));
            }
        }
        QFile file(project + "/project.limbeck");
        QVERIFY(file.open(QIODevice::ReadWrite));
        QByteArray bytes = file.readAll();
        const qsizetype at = bytes.indexOf("a run to be found again");
        QVERIFY(at > 0);
        bytes[at] = 'b';
        file.seek(0);
        QCOMPARE(file.write(bytes), bytes.size());
        file.close();
        show();
        QVERIFY(window().openProject(project));
        QVERIFY2(anyMessage("A part of this project is damaged; the rest is shown."),
                 window().messages().current() ? qPrintable(window().messages().current()->text) : "");
        QCOMPARE(window().page().runsModel().rowCount(), 1);
        QVERIFY(window().newFromSample("circles"));
        QVERIFY(!anyMessage("is damaged"));
    }

    void an_archive_is_written_from_the_menu_and_opened_again() {
        show();
        const QString project = driver_->folder.filePath("mine");
        QVERIFY(window().files().saveTo(project));
        window().actions().exportArchive->trigger();
        auto* dialog = window().findChild<ArchiveDialog*>();
        QVERIFY(dialog);
        QVERIFY(dialog->options().weights && dialog->options().data_references);
        QTest::mouseClick(dialog->findChild<QCheckBox*>("archiveWeights"), Qt::LeftButton, {},
                          QPoint(8, dialog->findChild<QCheckBox*>("archiveWeights")->height() / 2));
        QVERIFY(!dialog->options().weights);
        dialog->accept();
        auto* choice = window().findChild<QFileDialog*>("archiveFileDialog");
        QVERIFY(choice);
        const QString archive = driver_->folder.filePath("mine.limbeck.zip");
        emit choice->fileSelected(archive);
        choice->reject();
        QTRY_VERIFY(message("Wrote "));
        QVERIFY(QFileInfo(archive).size() > 0);

        QVERIFY(window().newFromSample("circles"));
        QVERIFY(!window().openProject(archive)); // it wants a folder first
        auto* unpack = window().findChild<QFileDialog*>("unpackDialog");
        QVERIFY(unpack);
        const QString target = driver_->folder.filePath("unpacked");
        emit unpack->fileSelected(target);
        unpack->reject();
        QTRY_COMPARE(window().document().title(), QString("unpacked"));
        QCOMPARE(window().document().config(), find_sample("moons")->config);
        QVERIFY(!window().document().isReadOnly());
    }

    void what_is_no_archive_is_refused_in_words_and_leaves_nothing() {
        show();
        QFile file(driver_->folder.filePath("bad.limbeck.zip"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("PK\3\4 and then nothing") > 0);
        file.close();
        auto* archives = window().findChild<ArchiveActions*>();
        const QString target = driver_->folder.filePath("bad");
        QSignalSpy done(archives, &ArchiveActions::done);
        archives->unpack(file.fileName(), target);
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(window().messages().current()->severity, Severity::error);
        QVERIFY(!QFileInfo::exists(target));
    }

    void a_program_that_is_killed_leaves_its_edits_for_the_next_one() {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        QTemporaryDir home;
        environment.insert("HOME", home.path());
        environment.insert("XDG_CONFIG_HOME", home.filePath("config"));
        environment.insert("XDG_DATA_HOME", home.filePath("data"));
        const QString project = makeProject("killed");
        const QString program = QCoreApplication::applicationDirPath() + "/app_editing_window";
        const auto start = [&](QProcess& process, const QStringList& arguments) {
            process.setProcessEnvironment(environment);
            process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            process.start(program, arguments);
            QVERIFY(process.waitForStarted());
        };
        const auto line = [](QProcess& process) {
            return process.canReadLine() || process.waitForReadyRead(30000) ? process.readLine().trimmed()
                                                                            : QByteArray("nothing said");
        };
        QProcess first;
        start(first, {"edit", project});
        QCOMPARE(line(first), QByteArray("kept"));
        QProcess meanwhile; // a second one does not take the first one's edits for left ones
        start(meanwhile, {"look"});
        QCOMPARE(line(meanwhile), QByteArray("0"));
        meanwhile.waitForFinished();
        first.kill(); // SIGKILL
        QVERIFY(first.waitForFinished());
        QProcess next;
        start(next, {"look"});
        QCOMPARE(line(next), QByteArray("1"));
        const QByteArray told = line(next);
        QVERIFY2(told.contains("killed") && told.contains("Temperature 2 → 6.5"), told.constData());
        next.waitForFinished();
    }

    void a_project_held_elsewhere_is_followed_and_can_be_edited_when_it_is_free() {
        WindowDriver writer(test::fake_engine(fake_));
        QVERIFY(writer.window->newFromSample("moons"));
        const QString project = driver_->folder.filePath("shared");
        QVERIFY(writer.window->files().saveTo(project));
        show();
        QVERIFY(window().openProject(project));
        QVERIFY(window().document().isReadOnly());
        QVERIFY(message("“shared” is being written by"));
        QVERIFY(message(QString::number(QCoreApplication::applicationPid())));
        QVERIFY(window().windowTitle().contains("viewing only"));
        press("messageAction"); // it cannot be had yet
        QVERIFY(window().document().isReadOnly());
        QVERIFY(message("is being written by"));

        ExperimentConfig config = writer.window->document().config();
        config.teacher.training.epochs = 1;
        config.student.train_alone = false;
        config.training.epochs = 500;
        writer.window->document().edit(config);
        QVERIFY(writer.window->document().save());
        writer.window->actions().start->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(pointsOn(window().page().lossPlot()) > 10, 20000);
        QVERIFY(window().page().runsModel().rowCount() >= 1);
        QCOMPARE(window().document().config(), config);
        QVERIFY(!window().isWindowModified());
        const std::size_t before = pointsOn(window().page().lossPlot());
        QTRY_VERIFY_WITH_TIMEOUT(pointsOn(window().page().lossPlot()) > before, 20000);
        QVERIFY(!window().actions().start->isEnabled());

        writer.window->actions().stop->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!writer.window->runs().isRunning(), 20000);
        QVERIFY(writer.window->newFromSample("circles"));
        QTRY_VERIFY_WITH_TIMEOUT(message("Nobody writes “shared” any more"), 10000);
        editTemperature(9); // made while viewing: it comes along
        press("messageAction");
        QVERIFY(!window().document().isReadOnly());
        QCOMPARE(window().document().config().distillation.temperature, 9.0);
        QVERIFY(window().isWindowModified());
        QCOMPARE(window().messages().count(), 0);
        QVERIFY(window().actions().start->isEnabled());
    }

    void opening_the_open_project_again_changes_nothing() {
        const QString project = driver_->folder.filePath("mine");
        QVERIFY(window().files().saveTo(project));
        editTemperature(9);
        QVERIFY(window().openProject(project + "/project.limbeck"));
        QVERIFY(!window().document().isReadOnly());
        QCOMPARE(window().document().config().distillation.temperature, 9.0);
    }

    void a_full_disk_is_told_until_saving_works_again() {
        show();
        const QString project = driver_->folder.filePath("full");
        QVERIFY(window().files().saveTo(project));
        ExperimentConfig config = window().document().config();
        config.teacher.training.epochs = 1;
        config.student.train_alone = false;
        config.training.epochs = 500;
        window().document().edit(config);
        window().actions().start->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(roleShown() == Role::student, 20000);
        auto* strip = window().findChild<ProgressStrip*>();
        QTRY_VERIFY_WITH_TIMEOUT(strip->savedText().startsWith("saved"), 20000);

        const QString objects = project + "/objects";
        QVERIFY(QFile::rename(objects, project + "/away"));
        QFile wall(objects); // no object can be written where a file stands
        QVERIFY(wall.open(QIODevice::WriteOnly));
        wall.close();
        window().document().session()->send(CheckpointNow{});
        QTRY_VERIFY_WITH_TIMEOUT(message("Saving stopped: "), 20000);
        QVERIFY(message("Training is paused; nothing is lost."));
        QVERIFY(!QApplication::activeModalWidget());
        QCOMPARE(strip->savedText(), QString("not saved"));
        QTRY_VERIFY(window().runs().isPaused());
        window().messages().dismissCurrent();
        QVERIFY2(message("Saving stopped: "), "it cannot be closed by mistake");
        WindowDriver::answerNextQuestion("Cancel");
        QVERIFY2(!window().close(), "leaving would lose what is not saved: it asks");

        QVERIFY(QFile::remove(objects));
        QVERIFY(QFile::rename(project + "/away", objects));
        press("messageAction");
        QTRY_COMPARE_WITH_TIMEOUT(window().messages().count(), 0, 20000);
        QTRY_VERIFY(!window().runs().isPaused());
        QTRY_VERIFY(strip->savedText().startsWith("saved"));
        window().actions().stop->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window().runs().isRunning(), 20000);
    }

    void undo_of_a_live_setting_reaches_the_run() {
        show();
        ExperimentConfig config = window().document().config();
        config.teacher.training.epochs = 1;
        config.student.train_alone = false;
        config.training.epochs = 500;
        window().document().edit(config);
        window().actions().start->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(roleShown() == Role::student, 20000);
        editTemperature(8);
        QTRY_COMPARE(window().page().lossPlot().eventMarks().size(), 1);
        window().actions().undo->trigger();
        QTRY_COMPARE(window().page().lossPlot().eventMarks().size(), 2);
        QVERIFY(window().page().lossPlot().eventMarks().last().label.endsWith("→2"));
        window().actions().stop->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window().runs().isRunning(), 20000);
    }

  private:
    MainWindow& window() { return *driver_->window; }

    QString root() { return window().recovery().folder().root(); }

    void show() {
        window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&window()));
    }

    QString makeProject(const char* name) {
        const QString folder = driver_->folder.filePath(name);
        (void)Project::create(path_of_text(folder), find_sample("moons")->config);
        return folder;
    }

    template <class Change>
    void leave(const QString& project, Change change) {
        RecoveryNote note{project, false, QDateTime::currentDateTime(), find_sample("moons")->config,
                          find_sample("moons")->config};
        change(note.edited);
        left_ = root() + "/20260501-dead.recovery";
        QVERIFY(RecoveryFolder::write(left_, note));
    }

    bool anyMessage(const QString& part) {
        for (int i = window().messages().count(); i > 0; --i) {
            if (message(part)) return true;
            for (auto* button : window().messages().findChildren<QToolButton*>())
                if (button->accessibleName() == "Next message") button->click();
        }
        return false;
    }

    bool message(const QString& part) {
        const Message* shown = window().messages().current();
        return shown && shown->text.contains(part);
    }

    void press(const char* button) {
        auto* found = window().messages().findChild<QPushButton*>(button);
        QVERIFY(found && !found->isHidden());
        QTest::mouseClick(found, Qt::LeftButton);
    }

    void editTemperature(double value) {
        ExperimentConfig config = window().document().config();
        config.distillation.temperature = value;
        window().document().edit(config);
    }

    Role roleShown() {
        const RunRecord* run = window().page().record(window().page().chosenRun());
        return run ? run->role : Role::teacher;
    }

    QString left_;
    std::shared_ptr<test::FakeSettings> fake_;
    std::unique_ptr<WindowDriver> driver_;
};

QTEST_MAIN(TestLastingWindow)
#include "test_lasting_window.moc"
