// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <QString>

/// Numbers as people read them, the same everywhere in the window. Not for files: those use to_chars.
/// A value that is not finite reads "–".
namespace limbeck::format {

/// A fraction (0.9886) as a percentage with one decimal: "98.9 %".
QString percent(double fraction);
/// The same without its unit, for columns whose head says it: "98.9".
QString percentNumber(double fraction);

/// Four significant digits: "0.1234", "2.303", "12.35", "1,235"; under 0.0001 "1.234e-05".
QString loss(double value);

/// "3,412"
QString thousands(std::int64_t value);

/// Seconds as "m:ss", from an hour on "h:mm:ss"; negative (not known): "–".
QString duration(double seconds);

/// Parameters: "650", "13 k", "272 k", "1.7 M", "25.6 M".
QString parameters(std::int64_t count);
/// FLOPs per sample: "0.03 MFLOP", "62 MFLOP", "1.8 GFLOP".
QString flops(std::int64_t count);
/// Sizes in powers of 1000: "640 B", "53 kB", "1.1 MB".
QString bytes(std::int64_t count);
/// Milliseconds with three significant digits: "0.124 ms", "12.3 ms", "1.20 s".
QString latency(double milliseconds);

/// A setting's value without a trailing zero: 4 → "4", 0.25 → "0.25".
QString setting(double value);

} // namespace limbeck::format
