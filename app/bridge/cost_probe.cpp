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

std::vector<LayerCost> layersOf(Result<Engine*>& engine, const NetworkSpec& network,
                                const Result<DatasetShape>& data) {
    if (!engine || !data) return {};
    return (*engine)->layer_costs(network, data->input, data->classes).value_or(std::vector<LayerCost>{});
}

std::vector<TermNeeds> needsOf(Result<Engine*>& engine, const ExperimentConfig& config,
                               const Result<DatasetShape>& data, const std::vector<TermConfig>& terms) {
    if (!engine || !data || terms.empty()) return {};
    TermsQuestion question{config.teacher.network, config.teacher.network, data->input,
                           data->classes,          data->samples,          {}};
    question.student = config.student.network;
    for (const TermConfig& term : terms)
        question.terms.push_back({term.id, term.weight, term.taps, term.options});
    return (*engine)->term_needs(question).value_or(std::vector<TermNeeds>{});
}

} // namespace

CostProbe::CostProbe(std::shared_ptr<EngineHost> host, QObject* parent)
    : QObject(parent), host_(std::move(host)) {
    pause_.setSingleShot(true);
    pause_.setInterval(typingPauseMs);
    connect(&pause_, &QTimer::timeout, this, &CostProbe::post);
}

void CostProbe::ask(const ExperimentConfig& config, const std::filesystem::path& base) {
    const bool sameNetworks = networks_ > 0 && config.data == config_.data && base == base_ &&
                              config.teacher.network == config_.teacher.network &&
                              config.student.network == config_.student.network;
    const bool sameTerms = config.distillation.terms == config_.distillation.terms;
    if (sameNetworks && sameTerms) return;
    config_ = config;
    base_ = base;
    if (!sameNetworks) {
        ++networks_;
        costsAsked_ = layersAsked_ = false;
    }
    ++terms_; // what they need changes with the networks too
    needsAsked_ = false;
    pause_.start();
}

void CostProbe::setLayersWanted(bool wanted) {
    if (wanted == layersWanted_) return;
    layersWanted_ = wanted;
    if (wanted && !layersAsked_ && networks_ > 0 && !pause_.isActive()) post();
}

void CostProbe::post() {
    QPointer<CostProbe> self(this);
    const Question question{networks_, terms_, !costsAsked_, layersWanted_ && !layersAsked_, !needsAsked_};
    costsAsked_ = needsAsked_ = true;
    layersAsked_ = layersAsked_ || question.layers;
    host_->post_probe([self, question, config = config_, base = base_](Result<Engine*> engine) {
        auto answer = std::make_shared<Answer>();
        answer->data = probe_dataset(config.data, base);
        if (question.costs) {
            answer->teacher = costOf(engine, config.teacher.network, answer->data);
            answer->student = costOf(engine, config.student.network, answer->data);
        }
        if (question.layers) {
            answer->teacher_layers = layersOf(engine, config.teacher.network, answer->data);
            answer->student_layers = layersOf(engine, config.student.network, answer->data);
        }
        if (question.needs) answer->needs = needsOf(engine, config, answer->data, config.distillation.terms);
        // The probe may be gone by now: the pointer is looked at on the GUI thread only.
        QMetaObject::invokeMethod(
            qApp,
            [self, question, answer] {
                if (self) self->take(*answer, question);
            },
            Qt::QueuedConnection);
    });
}

void CostProbe::take(const Answer& answer, const Question& question) {
    if (question.networks != networks_) return;
    known_.data = answer.data;
    if (question.costs) {
        known_.teacher = answer.teacher;
        known_.student = answer.student;
    }
    if (question.costs || question.layers) { // layers of networks that are no more must not stay
        known_.teacher_layers = answer.teacher_layers;
        known_.student_layers = answer.student_layers;
    }
    if (question.needs && question.terms == terms_) known_.needs = answer.needs;
    emit answered(known_);
}

void CostProbe::lookAt(const std::string& objective, std::function<void(const TermNeeds&)> done) {
    QPointer<CostProbe> self(this);
    host_->post_probe(
        [self, objective, config = config_, base = base_, done = std::move(done)](Result<Engine*> engine) {
            const auto data = probe_dataset(config.data, base);
            auto needs = needsOf(engine, config, data, {{objective, 1, {}, {}}});
            if (needs.empty()) return;
            QMetaObject::invokeMethod(
                qApp,
                [self, done, one = needs.front()] {
                    if (self) done(one);
                },
                Qt::QueuedConnection);
        });
}

} // namespace limbeck
