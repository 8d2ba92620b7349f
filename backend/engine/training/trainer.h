// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/engine/device/block_allocator.h"
#include "backend/engine/device/precision.h"
#include "backend/engine/device/threads.h"
#include "backend/engine/engine.h"
#include "backend/engine/models/network.h"
#include "backend/engine/training/answer_source.h"
#include "backend/engine/training/batches.h"
#include "backend/engine/training/companions.h"
#include "backend/engine/training/guarded_buffers.h"
#include "backend/engine/training/loss.h"
#include "backend/engine/training/optimizer.h"
#include "backend/engine/training/recorder.h"
#include "backend/engine/training/step_graph.h"
#include "backend/engine/training/teachers.h"

namespace limbeck {

/// What prepare_job() hands to a Trainer, all of it on the device.
struct TrainerParts {
    TrainingTask task;
    Precision precision = Precision::float32;
    std::shared_ptr<const ResidentData> data;
    std::shared_ptr<Network> network;
    Teachers teachers;                           ///< none, one or several
    std::unique_ptr<AnswerSource> answers;       ///< theirs, of what is trained on; none without teachers
    std::vector<std::shared_ptr<Network>> peers; ///< they learn too
    LossSettings loss;
    double flops_per_sample = 0; ///< of a training step, the teacher's part included
    std::unique_ptr<Optimizer> optimizer;
    GraphMaker graphs; ///< for steps that can be recorded and replayed

    /// Too little work in a step for more than one thread.
    bool is_small() const {
        return flops_per_sample * static_cast<double>(task.optimization.batch_size) < single_thread_flops;
    }
};

/// The training of one network.
class Trainer final : public TrainingJob {
  public:
    explicit Trainer(TrainerParts parts);

    std::string device() const override { return device_name_; }

    std::int64_t steps_per_epoch() const override { return batches_.steps_per_epoch(); }

    /// The initial stage comes on top of the configured epochs.
    std::int64_t total_steps() const override {
        return initial_steps_ + parts_.task.optimization.epochs * steps_per_epoch();
    }

    std::int64_t steps_done() const override { return steps_; }

    std::span<const std::string> step_series() const override { return recorder_.series(); }

    Result<StepOutcome> step() override;
    Result<StepRows> drain(bool wait) override;
    Result<Evaluation> evaluate(Part part, const std::function<bool()>& keep_going) override;
    Result<void> set_live(std::string_view key, double value) override;
    Result<double> live(std::string_view key) const override;
    Result<TensorMap> weights() const override;
    Result<TensorMap> state() const override;
    Result<void> restore(const TensorMap& weights, const TensorMap& state) override;
    std::vector<std::string> take_notes() override;

  private:
    /// What the host decides about a step, before the device is told.
    struct Plan {
        LossTime time;
        const LossSettings* loss = nullptr;
        double learning_rate = 0;
        bool frozen = false;   ///< the network is only looked at
        bool measures = false; ///< the shares of the gradient, on the parameters
        bool restarts = false; ///< the main stage begins
        bool replayed = false; ///< its operations are recorded, and must be right for later steps too
    };

    StepOutcome train_step();
    LossTime time_of(std::int64_t step) const;
    Plan plan_of(std::int64_t step) const;
    StepKey key_of(const Plan& plan, std::int64_t samples) const;
    bool may_replay(const Plan& plan, const Batch& ids) const;
    void hold(const Plan& plan);
    bool replay(const StepKey& key, const Plan& plan, const Batch& ids);
    /// All that the device does in a step, from a batch's ids and views to what is recorded of it.
    void work(const Batch& ids, const Plan& plan, Recorder::Step& record);
    void work_again_without_graph(const Batch& ids, const Plan& plan, Recorder::Step& record);
    LossValues learn(const Batch& batch, const Plan& plan, LossInputs& inputs);
    void update(const Plan& plan, const LossValues& values);
    Factor learning_rate(const Plan& plan) const;

    bool has_others() const { return !parts_.teachers.empty() || !parts_.peers.empty(); }

    double* live_value(std::string_view key);
    Result<TensorMap> collect_state();

    ReleaseKeptBlocks last_; ///< the first member: at work when all the others are gone
    TrainerParts parts_;
    Tf32Scope tf32_{parts_.precision};
    std::string device_name_;
    double base_rate_;
    BatchSource batches_;
    GuardedBuffers buffers_;
    Companions companions_;
    Recorder recorder_;
    StepGraph graph_;
    Batch fixed_ids_;         ///< of a replayed step: ids and views are copied here
    torch::Tensor fixed_row_; ///< and what there is to tell of it is found here
    /// Where steps may be replayed, and on a GPU in every step, the numbers that may change lie on the
    /// device.
    bool holds_;
    HeldNumber held_rate_;
    std::vector<HeldNumber> held_weights_; ///< labels, then the terms
    bool capturable_;                      ///< all terms are, and nothing else draws on the host
    bool updating_ = false;                ///< a step has come so far that it cannot be begun anew
    std::vector<torch::Tensor> learning_;  ///< the network's parameters that want gradients
    std::int64_t initial_steps_;
    bool taps_;              ///< some term compares features
    torch::Tensor bad_;      ///< float scalar: 1 from the first step on whose loss or gradient was not finite
    torch::Tensor no_scale_; ///< float scalar 1
    std::int64_t steps_ = 0;
    bool small_; ///< see TrainerParts::is_small()
    bool summed_up_ = false;
};

} // namespace limbeck
