// SPDX-License-Identifier: GPL-3.0-or-later
#include <QEvent>
#include <QFile>
#include <QTest>

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
};

QTEST_MAIN(TestFirstPaint)
#include "test_first_paint.moc"
