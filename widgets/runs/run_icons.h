// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QPalette>
#include <QString>

#include "backend/types/run.h"

namespace limbeck {

/// A run's role as colour and its state as shape: ring queued, triangle running, bars paused, disc finished,
/// square stopped, cross failed, half disc interrupted.
QIcon runIcon(Role role, RunState state, const QPalette& palette);

/// "Teacher", "Student alone", "Student"
QString roleText(Role role);
/// "done", "paused", … as the list says it.
QString stateText(RunState state);

} // namespace limbeck
