// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/signals.h"

#include <array>
#include <atomic>
#include <csignal>

namespace limbeck::cli {

namespace {

// A handler may touch lock-free atomics; there is no way to hand it an object.
std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free);

constexpr std::array watched{SIGINT, SIGTERM, SIGHUP};

void count_signal(int signal) {
    if (++caught >= 3) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};

    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

} // namespace

StopSignals::StopSignals() {
    caught = 0;
    for (int signal : watched)
        handle(signal, count_signal);
    handle(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() {
    for (int signal : watched)
        handle(signal, SIG_DFL);
    handle(SIGPIPE, SIG_DFL);
}

int StopSignals::count() const {
    return caught;
}

} // namespace limbeck::cli
