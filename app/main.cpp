// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QTimer>
#include <clocale>

#include "app/document/paths.h"
#include "app/document/scratch.h"
#include "app/log/log_file.h"
#include "app/window/main_window.h"
#include "backend/answers/answer_folder.h"
#include "backend/runner/session.h"

namespace {

// Training yields to the window: a late frame is felt, a step that is 1 % slower is not.
constexpr int trainingNiceness = 5;

/// The file to open as the shell gave it, byte for byte: Qt's own list holds texts, and a path may be none.
QString fileArgument(int argc, char** argv, const QCommandLineParser& parser) {
    const QString decoded = parser.positionalArguments().value(0);
    for (int i = 1; i < argc && !decoded.isEmpty(); ++i) {
        if (QString::fromLocal8Bit(argv[i]) == decoded) return limbeck::text_of_path(argv[i]);
    }
    return decoded;
}

} // namespace

int main(int argc, char** argv) {
    limbeck::prepare_process();
    QApplication application(argc, argv);
    // QApplication takes the user's locale; a decimal comma must never get into a number that the
    // C library reads or writes for us.
    std::setlocale(LC_NUMERIC, "C");
    QLocale::setDefault(QLocale::c());
    QApplication::setOrganizationName("limbeck");
    QApplication::setApplicationName("limbeck");
    QApplication::setApplicationDisplayName("Limbeck");
    QApplication::setApplicationVersion(LIMBECK_VERSION);
    QApplication::setWindowIcon(QIcon(":/limbeck/icons/limbeck.svg"));
    QApplication::setDesktopFileName("limbeck");

    limbeck::LogFile::catchMessages(limbeck::LogFile::standardPath());

    QCommandLineParser parser;
    parser.setApplicationDescription(
        "A workbench for knowledge distillation: choose a teacher and a student, distil, watch.");
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument("FILE", "Project to open: a folder, or its project.limbeck.", "[FILE]");
    parser.process(application);
    if (parser.positionalArguments().size() > 1) {
        qCritical("limbeck opens one project at a time; %lld were given. Start it once for each.",
                  static_cast<long long>(parser.positionalArguments().size()));
        return 2;
    }

    auto host = std::make_shared<limbeck::EngineHost>(limbeck::engine_loader(), trainingNiceness,
                                                      limbeck::standard_answers_folder());
    int code = 0;
    {
        limbeck::MainWindow window(host, limbeck::Scratch(limbeck::Scratch::standardRoot()),
                                   limbeck::Settings());
        window.show();
        const QString file = fileArgument(argc, argv, parser);
        if (file.isEmpty() || !window.openProject(file)) window.newFromSample("glyphs");
        code = QApplication::exec();
    }
    host.reset(); // joins the training thread before anything static goes away
    return code;
}
