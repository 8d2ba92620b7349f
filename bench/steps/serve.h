// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "backend/engine/engine.h"
#include "backend/types/error.h"

namespace limbeck::bench {

struct ServeOptions {
    std::filesystem::path folder; ///< as write_work() left it
    std::string precision = "float32";
    std::string cache = "off"; ///< of the teacher's answers: off | float32 | half | auto
    std::string device = "cpu";
    bool augment = false;
};

/// Makes the job, says so with a line of JSON, then answers lines on standard input until they end or one is
/// "quit". "go N" trains N steps as a run does and prints one line of JSON:
///     {"rows": N, "seconds": [of each step], "total": of all, until the device is done, "losses": [of each],
///      "notes": [what the engine says about how it trains]}
Result<void> serve(Engine& engine, const ServeOptions& options);

} // namespace limbeck::bench
