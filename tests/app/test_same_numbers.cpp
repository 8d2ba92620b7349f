// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>

#include "app/pages/training_page.h"
#include "app/window/file_actions.h"
#include "app/window/run_actions.h"
#include "backend/project/project.h"
#include "backend/types/fields.h"
#include "tests/app/window_driver.h"

using namespace limbeck;

namespace {

/// All that a run left behind, by series; the weights by the hash of their content.
struct Trace {
    std::map<std::string, std::vector<MetricPoint>> series;
    std::string weights;
    bool operator==(const Trace&) const = default;
};

std::map<Role, Trace> tracesOf(const QString& folder) {
    auto project = Project::open(QFile::encodeName(folder).toStdString(), Project::Access::view);
    if (!project) return {};
    std::map<Role, Trace> traces;
    for (const RunRecord& run : (*project)->runs().value_or(std::vector<RunRecord>{})) {
        Trace& trace = traces[run.role];
        for (const std::string& name : (*project)->series_of(run.id).value_or(std::vector<std::string>{})) {
            trace.series[name] = (*project)->points(run.id, name).value_or(std::vector<MetricPoint>{});
        }
        const auto last = (*project)->checkpoint(run.id, "last");
        if (last && *last) trace.weights = (*last)->weights;
    }
    return traces;
}

} // namespace

class TestSameNumbers : public QObject {
    Q_OBJECT

  private slots:

    void a_run_through_the_window_gives_the_numbers_of_the_command_line() {
        const QString program = qEnvironmentVariable("LIMBECK_BIN_DIR") + "/limbeck-cli";
        if (!QFile::exists(program)) QSKIP("limbeck-cli is not built");
        const QStringList settings{
            "data.samples=600",    "teacher.training.epochs=2",      "training.epochs=3",
            "training.device=cpu", "training.checkpoint_minutes=60", "training.seed=11"};

        WindowDriver driver(engine_loader());
        // The program keeps the teacher's answers for later runs: not among those of whoever runs the tests.
        qputenv("XDG_CACHE_HOME", driver.folder.filePath("cache").toUtf8());
        MainWindow& window = *driver.window;
        QVERIFY(window.newFromSample("spirals"));
        window.show();
        ExperimentConfig config = window.document().config();
        for (const QString& setting : settings) {
            const auto set = set_field(config, setting.section('=', 0, 0).toStdString(),
                                       setting.section('=', 1).toStdString());
            QVERIFY2(set, set ? "" : set.error().message.c_str());
        }
        window.document().edit(config);
        window.actions().start->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window.runs().isRunning(), 180000);
        const QString byWindow = driver.folder.filePath("by-window");
        QVERIFY(window.files().saveTo(byWindow));

        const QString byCommand = driver.folder.filePath("by-command");
        QStringList arguments{"new", byCommand, "--sample", "spirals"};
        for (const QString& setting : settings)
            arguments << "--set" << setting;
        QCOMPARE(QProcess::execute(program, arguments), 0);
        QCOMPARE(QProcess::execute(program, {"run", byCommand}), 0);

        const auto first = tracesOf(byWindow), second = tracesOf(byCommand);
        QCOMPARE(first.size(), std::size_t{3});
        QVERIFY(first.at(Role::student).series.count("train/loss"));
        QVERIFY(!first.at(Role::student).weights.empty());
        for (const auto& [role, trace] : first) {
            QVERIFY(second.count(role));
            QCOMPARE(trace.weights, second.at(role).weights);
            QVERIFY(trace == second.at(role));
        }
    }
};

QTEST_MAIN(TestSameNumbers)
#include "test_same_numbers.moc"
