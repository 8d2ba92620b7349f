// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace limbeck::cli {

/// While it lives, Ctrl-C (SIGINT), SIGTERM and SIGHUP are counted instead of killing the process, and a
/// closed pipe does not kill it either. The third one kills: a run is then found interrupted, and can be
/// resumed.
class StopSignals {
  public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    int count() const;
};

} // namespace limbeck::cli
