// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a program of its own that a test can kill. `edit PROJECT`: makes an edit, says "kept" when it
// is in the file of unsaved edits, and waits. `look`: says how many left edits it offers, and what the bar
// tells.
#include <QApplication>
#include <QTimer>
#include <cstdio>

#include "app/recovery/recovery_writer.h"
#include "app/settings.h"
#include "app/window/main_window.h"
#include "app/window/recovery_offers.h"
#include "tests/support/fake_engine.h"
#include "widgets/bar/message_bar.h"

using namespace limbeck;

namespace {

void say(const QString& text) {
    std::puts(text.toUtf8().constData());
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName("limbeck");
    QCoreApplication::setApplicationName("limbeck");
    auto host = std::make_shared<EngineHost>(test::fake_engine());
    MainWindow window(host, Scratch(Scratch::standardRoot()), Settings());
    window.show();
    if (argc == 3 && QString(argv[1]) == "edit") {
        if (!window.openProject(argv[2])) return 2;
        QObject::connect(&window.recovery(), &RecoveryWriter::settled, [](bool present) {
            if (present) say("kept");
        });
        ExperimentConfig config = window.document().config();
        config.distillation.temperature = 6.5;
        window.document().edit(config);
    } else {
        window.newFromSample("moons");
        QObject::connect(&window.offers(), &RecoveryOffers::looked, [&](int found) {
            say(QString::number(found));
            if (found > 0) say(window.messages().current()->text);
            QTimer::singleShot(0, &application, &QApplication::quit);
        });
    }
    QTimer::singleShot(60000, &application, [] { QApplication::exit(3); });
    return QApplication::exec();
}
