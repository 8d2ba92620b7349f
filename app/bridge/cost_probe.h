// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backend/data/data.h"
#include "backend/runner/session.h"

namespace limbeck {

/// What the two cards show of the networks under edit: cost, or why it cannot be known. Asked of
/// the training thread (the files' headers are read there too) once edits pause; an answer about
/// networks or terms that are no more is dropped.
class CostProbe : public QObject {
    Q_OBJECT

  public:
    explicit CostProbe(std::shared_ptr<EngineHost> host, QObject* parent = nullptr);

    struct Answer {
        Result<DatasetShape> data;
        Result<NetworkCost> teacher, student;
        /// Empty where the cost is not known, and while nobody looks at layers.
        std::vector<LayerCost> teacher_layers, student_layers;
        /// Of config.distillation.terms, in their order; empty where the networks are not known.
        std::vector<TermNeeds> needs;
    };

    /// Layers are counted only while somebody looks at them: they are asked for at once when that begins.
    void setLayersWanted(bool wanted);

    /// What an objective would need that is not chosen yet; `done` is called on the GUI thread.
    void lookAt(const std::string& objective, std::function<void(const TermNeeds&)> done);

    void ask(const ExperimentConfig& config, const std::filesystem::path& base);

  signals:
    void answered(const limbeck::CostProbe::Answer& answer);

  private:
    /// What is asked at once, and of which edit.
    struct Question {
        std::uint64_t networks = 0, terms = 0;
        bool costs = false, layers = false, needs = false;
    };

    void post();
    void take(const Answer& answer, const Question& question);

    std::shared_ptr<EngineHost> host_;
    QTimer pause_;
    ExperimentConfig config_;
    std::filesystem::path base_;
    std::uint64_t networks_ = 0, terms_ = 0; ///< edits of them so far
    /// Of the present networks and terms; what was asked comes, and is not asked again.
    bool costsAsked_ = false, layersAsked_ = false, needsAsked_ = false;
    bool layersWanted_ = false;
    Answer known_;
};

} // namespace limbeck
