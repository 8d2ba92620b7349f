// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QStandardPaths>
#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <unistd.h>
#include <vector>

/// What the measurements of the window share.
namespace limbeck::bench {

inline double seconds_of(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

inline double wall_seconds() {
    return seconds_of(CLOCK_MONOTONIC);
}

/// CPU time of this thread: on a shared machine wall time counts the others' work too.
inline double thread_seconds() {
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

inline double process_seconds() {
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/// Bytes of the process that lie in memory.
inline double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double total = 0, resident = 0;
    file >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

inline double quantile(std::vector<double> values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
}

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
