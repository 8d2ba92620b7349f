// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend/engine/engine.h"
#include "backend/runner/session.h"

namespace limbeck::test {

/// A task that was prepared, without its weights but for the first number of each teacher's.
struct SeenTask {
    Role role = Role::student;
    std::string network;
    std::uint64_t seed = 0;
    std::vector<std::string> teachers;
    std::vector<float> taught_by; ///< the first of the four numbers that a fake network has
    std::vector<std::string> peers;
    bool mixup = false, average_logits = false;
    double hard_weight = 0;
    std::vector<std::string> terms;
    std::string cache, cache_key, cache_folder; ///< of the teacher's answers
    std::int64_t cache_budget = 0;
    AnswersAbout cache_about;
};

/// How a fake engine behaves; may be changed from any thread while it works.
struct FakeSettings {
    std::atomic<int> step_microseconds{0};
    std::atomic<int> evaluation_microseconds{0};
    std::atomic<int> report_every{1};           ///< rows are held back like a GPU's, unless waited for
    std::atomic<std::int64_t> fail_at_step{-1}; ///< step() gives an error instead of this step (1-based)
    std::atomic<std::int64_t> nan_at_step{-1};  ///< this step's loss is NaN; it and later ones are skipped
    std::atomic<std::int64_t> hold_before_step{
        -1}; ///< step() of a run in hold_role waits here while this names it (1-based)
    std::atomic<Role> hold_role{Role::student};
    std::atomic<bool> held{false};           ///< it is waiting there
    std::atomic<bool> teacher_drifts{false}; ///< each evaluation finds another teacher's accuracy
    std::atomic<bool> refuse_prepare{false}; ///< prepare() gives an error
    std::atomic<bool> only_students{false};  ///< the mischief above concerns student runs alone
    std::atomic<std::int64_t> prepared{0};   ///< jobs made so far
    std::atomic<std::int64_t> steps{0};      ///< of all jobs
    /// Questions about networks and terms so far.
    std::atomic<int> costs_asked{0}, layers_asked{0}, needs_asked{0};

    /// The call that throws ("prepare", "step", "drain", "evaluate", "weights", "state", "restore",
    /// "set_live", "live", "device", "step_series", "cost", "devices", "info"); empty: none.
    void throw_at(const std::string& call);
    void maybe_throw(const char* call) const;

    void note(const TrainingTask& task);
    std::vector<SeenTask> tasks() const; ///< prepared so far, those that were only tried too

  private:
    mutable std::mutex mutex_;
    std::string throw_at_;
    std::vector<SeenTask> tasks_;
};

/// An engine without LibTorch: its "network" is four numbers, its training a made-up descent with noise that
/// depends on seed, step, learning rate, temperature, weights and the teacher alone. Curves look plausible,
/// everything is deterministic, and restoring weights and state goes on to the same bits.
EngineMaker fake_engine(std::shared_ptr<FakeSettings> settings = std::make_shared<FakeSettings>());

} // namespace limbeck::test
