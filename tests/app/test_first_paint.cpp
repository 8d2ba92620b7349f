// SPDX-License-Identifier: GPL-3.0-or-later
#include <QEvent>
#include <QFile>
#include <QProcess>
#include <QTest>
#include <dlfcn.h>

#include "tests/app/window_driver.h"

using namespace limbeck;

namespace {

bool libtorchIsMapped() {
    QFile maps("/proc/self/maps");
    return maps.open(QIODevice::ReadOnly) && maps.readAll().contains("libtorch");
}

/// Looks at the process's mappings when the window paints for the first time.
class FirstPaint : public QObject {
  public:
    bool painted = false;
    bool mapped = false;

  protected:
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::Paint && !painted) {
            painted = true;
            mapped = libtorchIsMapped();
        }
        return false;
    }
};

} // namespace

class TestFirstPaint : public QObject {
    Q_OBJECT

  private slots:

    void the_window_is_painted_before_libtorch_is_mapped() {
        WindowDriver driver(engine_loader());
        QVERIFY(driver.window->newFromSample("glyphs"));
        FirstPaint first;
        driver.window->centralWidget()->installEventFilter(&first);
        driver.window->show();
        QTRY_VERIFY(first.painted);
        QVERIFY2(!first.mapped, "libtorch was mapped when the window first painted");
        // Seen afterwards, so that the look above could have failed.
        QTRY_VERIFY_WITH_TIMEOUT(libtorchIsMapped(), 60000);
    }

    void openmp_is_told_to_sleep_before_it_is_loaded() {
        if (!dlopen("libgomp.so.1", RTLD_LAZY | RTLD_NOLOAD))
            QSKIP("no library of the window brings libgomp");
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.remove("OMP_WAIT_POLICY");
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        QTemporaryDir home;
        for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"})
            environment.insert(name, home.path());
        QProcess program;
        program.setProcessEnvironment(environment);
        program.start(QCoreApplication::applicationDirPath() + "/../limbeck", QStringList());
        QVERIFY(program.waitForStarted());
        // What a process was started with: libgomp has read it by main().
        const auto startedWith = [&program] {
            QFile file(QStringLiteral("/proc/%1/environ").arg(program.processId()));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QTRY_VERIFY_WITH_TIMEOUT(startedWith().contains("OMP_WAIT_POLICY=PASSIVE"), 20000);
        program.kill();
        program.waitForFinished();
    }
};

QTEST_MAIN(TestFirstPaint)
#include "test_first_paint.moc"
