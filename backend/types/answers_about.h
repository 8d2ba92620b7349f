// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace limbeck {

/// Whose answers a file of kept answers holds.
struct AnswersAbout {
    std::string teacher;     ///< networks in their short form, joined by ';'
    std::string weights;     ///< SHA-256 of each one's weights as the project names them, joined by ';'
    std::string data;        ///< name of the data set
    std::string fingerprint; ///< of the data
    bool operator==(const AnswersAbout&) const = default;
};

} // namespace limbeck
