// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/cost_probe.h"

#include <QCoreApplication>
#include <QPointer>

namespace limbeck {
namespace {

constexpr int typingPauseMs = 300;

Result<NetworkCost> costOf(Result<Engine*>& engine, const NetworkSpec& network,
                           const Result<DatasetShape>& data) {
    if (!engine) return tl::unexpected(engine.error());
    if (!data) return tl::unexpected(data.error());
    return (*engine)->cost(network, data->input, data->classes, true);
}

} // namespace

CostProbe::CostProbe(std::shared_ptr<EngineHost> host, QObject* parent)
    : QObject(parent), host_(std::move(host)) {
    pause_.setSingleShot(true);
    pause_.setInterval(typingPauseMs);
    connect(&pause_, &QTimer::timeout, this, &CostProbe::post);
}

void CostProbe::ask(const ExperimentConfig& config, const std::filesystem::path& base) {
    const bool same = question_ > 0 && config.data == config_.data && base == base_ &&
                      config.teacher.network == config_.teacher.network &&
                      config.student.network == config_.student.network;
    if (same) return;
    config_ = config;
    base_ = base;
    ++question_;
    pause_.start();
}

void CostProbe::post() {
    QPointer<CostProbe> self(this);
    host_->post_probe([self, question = question_, config = config_, base = base_](Result<Engine*> engine) {
        auto answer = std::make_shared<Answer>();
        answer->question = question;
        answer->data = probe_dataset(config.data, base);
        answer->teacher = costOf(engine, config.teacher.network, answer->data);
        answer->student = costOf(engine, config.student.network, answer->data);
        // The probe may be gone by now: the pointer is looked at on the GUI thread only.
        QMetaObject::invokeMethod(
            qApp,
            [self, answer] {
                if (self && self->question_ == answer->question) emit self->answered(*answer);
            },
            Qt::QueuedConnection);
    });
}

} // namespace limbeck
