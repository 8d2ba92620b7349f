// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QStandardPaths>
#include <clocale>
#include <cstdio>
#include <functional>

#include "bench/figures.h"

/// What the measurements of the window share.
namespace limbeck::bench {

/// An application that keeps its settings apart from a person's, and knows which frames were painted and
/// handed to the window system.
class Application : public QApplication {
  public:
    Application(int& argc, char** argv) : QApplication(argc, argv) {
        std::setlocale(LC_NUMERIC, "C");
        QStandardPaths::setTestModeEnabled(true);
        setOrganizationName("limbeck-bench");
    }

    bool notify(QObject* receiver, QEvent* event) override {
        const bool paints = event->type() == QEvent::UpdateRequest || event->type() == QEvent::Expose;
        const bool counts = paints && !done_ && (!holds_ || holds_());
        const bool result = QApplication::notify(receiver, event);
        done_ = done_ || counts;
        return result;
    }

    /// Lets the event loop run until a frame is painted at whose beginning this held (empty: any frame);
    /// false if that takes too long.
    bool wait_painted(std::function<bool()> holds = {}, int milliseconds = 10000) {
        holds_ = std::move(holds);
        done_ = false;
        QElapsedTimer clock;
        for (clock.start(); !done_ && clock.elapsed() < milliseconds;)
            processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 5);
        holds_ = {};
        if (!done_) std::fprintf(stderr, "no frame came in %d ms\n", milliseconds);
        return done_;
    }

  private:
    std::function<bool()> holds_;
    bool done_ = true;
};

} // namespace limbeck::bench
