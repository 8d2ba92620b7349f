// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backend/engine/engine.h"
#include "backend/runner/conductor.h"
#include "backend/types/phases.h"

namespace limbeck {

/// One run, step by step, on the training thread. Numbers go to the mailbox, weights are handed over as they
/// are: nothing here waits for a disk or a window, and nothing here has a say in the numbers.
class RunLoop {
  public:
    enum class End {
        finished,
        stopped,
        extended, ///< prepare it anew with the epochs in PlannedRun: it goes on from where it is
    };

    RunLoop(Stage& stage, PlannedRun& run, std::size_t index, TrainingJob& job);

    /// Until the last step or Stop; an error is why the run failed (its last good weights are handed over
    /// then).
    Result<End> run();

    /// The weights after the last step, as handed over.
    std::shared_ptr<const TensorMap> weights() const { return weights_; }

    const RunStatus& status() const { return status_; }

  private:
    Result<void> begin();
    Result<End> loop();
    Result<void> one_step();
    Result<void> drain(bool wait);
    void tell_notes();
    Result<void> evaluate_if_due();
    Result<void> evaluate();
    Result<void> evaluate_part(Part part, std::vector<std::string>& names, std::vector<double>& values);
    Result<void> evaluate_test_at_end(const TensorMap& state);
    Result<void> finish();
    Result<void> checkpoint(bool whole);
    void keep(const CheckpointMail& last);
    Result<void> keep_best(double accuracy);
    Result<void> check_teacher(double accuracy);

    void replay();
    Result<void> hand_back();
    Result<void> obey(std::vector<Order> orders);
    Result<void> wait_in_pause();
    bool must_wait() const;
    void apply(const RunEvent& event, bool by_hand);
    void apply_elsewhere(const RunEvent& event);

    void set_state(RunState state);
    void tell(bool now);
    std::string phase() const; ///< that the next step belongs to; empty: none
    bool test_is_cheap() const;
    void save_last_good();

    Stage& stage_;
    PlannedRun& run_;
    std::size_t index_;
    TrainingJob& job_;
    RunStatus status_;
    SeriesNames step_names_;
    std::vector<Phase> phases_;

    std::size_t replayed_ = 0;
    int single_steps_ = 0;
    bool stopped_ = false, finished_ = false, extended_ = false, end_saved_ = false;
    std::optional<std::int64_t> bad_step_; ///< the engine's state is that of the step before it
    std::int64_t evaluated_step_ = -1;
    double checkpoint_seconds_ = 0; ///< between two within an epoch; 0: none
    Clock::time_point last_checkpoint_, last_told_{}, last_record_{};
    BestSoFar best_;
    std::optional<double> teacher_accuracy_;
    std::shared_ptr<const TensorMap> weights_;
};

} // namespace limbeck
