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
/// the training thread (the files' headers are read there too) once edits pause; a late answer to
/// an older question is dropped.
class CostProbe : public QObject {
    Q_OBJECT

  public:
    explicit CostProbe(std::shared_ptr<EngineHost> host, QObject* parent = nullptr);

    struct Answer {
        std::uint64_t question = 0;
        Result<DatasetShape> data;
        Result<NetworkCost> teacher, student;
        std::vector<LayerCost> teacher_layers, student_layers; ///< empty where the cost is not known
        /// Of config.distillation.terms, in their order; empty where the networks are not known.
        std::vector<TermNeeds> needs;
    };

    /// What an objective would need that is not chosen yet; `done` is called on the GUI thread.
    void lookAt(const std::string& objective, std::function<void(const TermNeeds&)> done);

    void ask(const ExperimentConfig& config, const std::filesystem::path& base);

  signals:
    void answered(const limbeck::CostProbe::Answer& answer);

  private:
    void post();

    std::shared_ptr<EngineHost> host_;
    QTimer pause_;
    ExperimentConfig config_;
    std::filesystem::path base_;
    std::uint64_t question_ = 0;
};

} // namespace limbeck
