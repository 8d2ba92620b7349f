// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace limbeck {

class LogFile;

/// A window of its own beside the main one, so that one can read and do.
void show_first_steps(QWidget& parent);
void show_about(QWidget& parent);
/// The newest lines of the log, and where it lies.
void show_log(QWidget& parent, const LogFile& log);

} // namespace limbeck
