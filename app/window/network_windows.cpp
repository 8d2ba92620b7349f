// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/network_windows.h"

#include "widgets/cards/network_card.h"
#include "widgets/cards/network_details.h"
#include "widgets/forms/experiment_form.h"
#include "widgets/style/format.h"

namespace limbeck {
namespace {

TermNeedsText textOf(const TermNeeds& needs) {
    if (!needs.problem.empty()) return {QString::fromStdString(needs.problem), true};
    QStringList parts;
    if (needs.adapter_parameters > 0)
        parts << NetworkWindows::tr("adapter %1 parameters").arg(format::thousands(needs.adapter_parameters));
    if (needs.bank_bytes > 0) parts << NetworkWindows::tr("memory %1").arg(format::bytes(needs.bank_bytes));
    QStringList taps;
    for (const std::string& tap : needs.taps)
        taps << QString::fromStdString(tap);
    if (!taps.isEmpty()) parts << taps.join(QStringLiteral(", "));
    return {parts.join(QStringLiteral(" · ")), false};
}

std::vector<LayerFacts> factsOf(const std::vector<LayerCost>& layers) {
    std::vector<LayerFacts> facts;
    for (const LayerCost& layer : layers)
        facts.push_back({QString::fromStdString(layer.name), QString::fromStdString(layer.kind), layer.output,
                         layer.parameters, layer.bytes, layer.multiply_adds, layer.activation_bytes});
    return facts;
}

} // namespace

NetworkWindows::NetworkWindows(ExperimentForm& form, CostProbe& costs, QWidget* parent)
    : QObject(parent), form_(form), costs_(costs), parent_(parent) {
    connect(&costs, &CostProbe::answered, this, &NetworkWindows::refresh);
    connect(form.teacherCard(), &NetworkCard::detailsRequested, this, [this] { show(Role::teacher); });
    connect(form.studentCard(), &NetworkCard::detailsRequested, this, [this] { show(Role::student); });
    connect(&form, &ExperimentForm::objectiveLookedAt, this, [this, &costs](const QString& id) {
        QPointer<NetworkWindows> self(this);
        costs.lookAt(id.toStdString(), [self, id](const TermNeeds& needs) {
            if (self) self->form_.setCandidateNeeds(id, textOf(needs));
        });
    });
}

void NetworkWindows::refresh(const CostProbe::Answer& answer) {
    answer_ = answer;
    answered_ = true;
    std::vector<TermNeedsText> needs;
    for (const TermNeeds& each : answer.needs)
        needs.push_back(textOf(each));
    form_.setTermNeeds(needs);
    for (const Role role : {Role::teacher, Role::student})
        if (details(role)) fill(role);
}

void NetworkWindows::show(Role role) {
    QPointer<NetworkDetails>& window = role == Role::teacher ? teacher_ : student_;
    if (!window) {
        window = new NetworkDetails(parent_);
        window->setAttribute(Qt::WA_DeleteOnClose);
        connect(window, &QObject::destroyed, this, &NetworkWindows::countLayers, Qt::QueuedConnection);
        countLayers();
    }
    fill(role);
    window->show();
    window->raise();
    window->activateWindow();
}

void NetworkWindows::countLayers() {
    costs_.setLayersWanted(teacher_ || student_);
}

void NetworkWindows::fill(Role role) {
    const bool teacher = role == Role::teacher;
    NetworkDetails* window = details(role);
    const NetworkCard* card = teacher ? form_.teacherCard() : form_.studentCard();
    const QString title = tr("%1: %2").arg(teacher ? tr("Teacher") : tr("Student"), card->title());
    const auto& layers = teacher ? answer_.teacher_layers : answer_.student_layers;
    if (answered_ && answer_.data && !layers.empty()) {
        window->setNetwork(title, answer_.data->input.shape, factsOf(layers));
        return;
    }
    const QString why = card->facts().why_unknown;
    window->setProblem(title, why.isEmpty() ? tr("the engine is still looking at the network …") : why);
}

} // namespace limbeck
