// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "app/bridge/cost_probe.h"
#include "backend/types/config.h"
#include "widgets/cards/network_details.h"

class QWidget;

namespace limbeck {

class ExperimentForm;

/// What the engine finds out about the networks and terms under edit, in the form and in the windows that
/// show a network layer by layer. A window that is open follows the form.
class NetworkWindows : public QObject {
    Q_OBJECT

  public:
    NetworkWindows(ExperimentForm& form, CostProbe& costs, QWidget* parent);

    NetworkDetails* details(Role role) const { return role == Role::teacher ? teacher_ : student_; }

  private:
    void show(Role role);
    void fill(Role role);
    void countLayers(); ///< while a window shows them
    void refresh(const CostProbe::Answer& answer);

    ExperimentForm& form_;
    CostProbe& costs_;
    QWidget* parent_;
    CostProbe::Answer answer_;
    bool answered_ = false;
    QPointer<NetworkDetails> teacher_, student_;
};

} // namespace limbeck
