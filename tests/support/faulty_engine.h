// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend/runner/session.h"

namespace limbeck::test {

/// How a call of the engine goes wrong.
enum class FaultKind {
    no_memory,    ///< std::bad_alloc
    standard,     ///< std::runtime_error
    library,      ///< an exception of a library's own, with a backtrace in its words (as c10::Error)
    no_exception, ///< something thrown that is no std::exception
    error,        ///< an Error is given back, where the call can
};

/// Which call of an engine is to go wrong; may be set from any thread.
class EngineFault {
  public:
    void set(const std::string& method, int nth, FaultKind kind);
    void clear();
    bool met() const; ///< it has happened since set()

    /// For the engine: throws if this call is to. True: give back an error.
    bool at(const char* method);

  private:
    mutable std::mutex mutex_;
    std::string method_;
    int calls_ = 0, nth_ = 0;
    FaultKind kind_ = FaultKind::standard;
    bool met_ = false;
};

/// Methods of Engine and TrainingJob that a run calls: each may go wrong.
const std::vector<std::string>& methods_of_a_run();

/// An engine whose calls are those of another one unless `fault` says that one goes wrong.
EngineMaker faulty_engine(EngineMaker sound, std::shared_ptr<EngineFault> fault);

} // namespace limbeck::test
