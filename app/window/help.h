// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace limbeck {

/// A window of its own beside the main one, so that one can read and do.
void show_first_steps(QWidget& parent);
void show_about(QWidget& parent);

} // namespace limbeck
