// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace limbeck::test {

/// What limbeck-cli did.
struct Outcome {
    int code = -1;   ///< as the shell sees it
    std::string out; ///< standard output
    std::string err; ///< standard error

    /// The objects of --json, one a line.
    std::vector<nlohmann::json> objects() const;
    /// The last object with that "event"; null if there is none.
    nlohmann::json last(const std::string& event) const;
};

/// Runs the program to its end. `watch` gets the output so far now and then, and the process to send signals
/// to.
using Watch = std::function<void(const std::string& out, int process)>;
Outcome limbeck_cli(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".",
                    const Watch& watch = {});

} // namespace limbeck::test
