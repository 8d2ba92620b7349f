// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/config.h"

namespace limbeck {

using RunId = std::int64_t;
using GroupId = std::int64_t;

/// What a run's network is for. One run trains one network; one press of Start makes a group of runs, usually
/// three: the teacher (if it has no weights yet), the student alone, the student. An assistant learns from
/// the teacher as a student does, and teaches the next one of the chain (see lineup.h).
enum class Role { teacher, baseline, assistant, student };
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);
/// Learns from other networks: an assistant or a student.
bool is_taught(Role role);

/// queued → running ⇄ paused → finished | stopped | failed. A run that is found running or paused
/// in a project that nobody writes was killed; it is shown as `interrupted` and can be resumed.
enum class RunState { queued, running, paused, finished, stopped, failed, interrupted };
std::string_view to_string(RunState state);
std::optional<RunState> parse_run_state(std::string_view text);
/// queued, stopped, failed, interrupted: `resume` can go on with it.
bool is_unfinished(RunState state);

/// Who teaches a run: the run that gave the weights (none: they came from a file), and the weights.
struct TeacherLink {
    std::optional<RunId> run;
    std::string weights; ///< sha-256 of the object; empty: the run is not done yet
    bool operator==(const TeacherLink&) const = default;
};

struct RunRecord {
    RunId id = 0;
    GroupId group = 0;
    Role role = Role::student;
    /// Which of several of its role: teachers count from 0 (the first, then those of teacher.more),
    /// assistants along the chain, generations from the first; 0 for all others.
    std::int64_t stage = 0;
    std::string name; ///< "T4 soft 0.9 seed 0", "student alone", "teacher lenet"
    RunState state = RunState::queued;
    ExperimentConfig config;                ///< as it was when the run started
    std::optional<RunId> parent;            ///< the run that this one repeats
    std::optional<RunId> baseline;          ///< student runs: the run of the student alone
    std::optional<RunId> teacher;           ///< the run whose weights are the teacher's
    std::string teacher_weights;            ///< sha-256 of the teacher's weights object; empty if none
    std::vector<TeacherLink> more_teachers; ///< of a run with several: all but the first
    std::string dataset_fingerprint;
    std::string device; ///< what it really ran on: "cpu", "cuda:0"
    std::int64_t threads = 0;
    std::int64_t step = 0, total_steps = 0;   ///< optimiser steps done and planned
    std::int64_t epoch = 0, total_epochs = 0; ///< epochs done and planned
    std::string error;                        ///< why it failed, in words
    std::string created, finished;            ///< ISO 8601, UTC
    double seconds = 0;                       ///< spent in training and evaluation
};

/// A change of a run by hand: a mark on the plots, replayed by `repeat`.
struct RunEvent {
    std::int64_t id = 0;
    RunId run = 0;
    std::int64_t step = 0; ///< applied before this step (0-based count of steps already done)
    std::string what;      ///< key of the setting: "distillation.temperature"
    double from = 0, to = 0;
    std::string time; ///< ISO 8601, UTC
    bool operator==(const RunEvent&) const = default;
};

/// One point of one series of a run, thinned or not. A point of a single step has
/// minimum = mean = maximum.
struct MetricPoint {
    std::int64_t step = 0; ///< steps done when the value was measured (last of the bucket)
    double mean = 0;
    float minimum = 0, maximum = 0;
    bool operator==(const MetricPoint&) const = default;
};

/// Names of series: "PART/NAME". Training series have a point a step, the others one an epoch.
///   train/loss, train/hard, train/soft           raw terms ("loss" is the weighted total)
///   train/hard_weighted, train/soft_weighted     as they enter the total
///   train/accuracy, train/agreement, train/teacher_accuracy, train/predictive_kl   of the batch
///   train/learning_rate
///   validation/… and test/… the same (without learning_rate); accuracy etc. counted over the part
namespace series {
inline constexpr std::string_view train = "train/";
inline constexpr std::string_view validation = "validation/";
inline constexpr std::string_view test = "test/";
inline constexpr std::string_view loss = "loss";
inline constexpr std::string_view hard = "hard";
inline constexpr std::string_view soft = "soft";
inline constexpr std::string_view hard_weighted = "hard_weighted";
inline constexpr std::string_view soft_weighted = "soft_weighted";
inline constexpr std::string_view accuracy = "accuracy";
inline constexpr std::string_view agreement = "agreement";
inline constexpr std::string_view teacher_accuracy = "teacher_accuracy";
inline constexpr std::string_view predictive_kl = "predictive_kl";
inline constexpr std::string_view learning_rate = "learning_rate";
} // namespace series

/// Last and best values of a run, as the runs list and `show` give them. "Best" is the epoch with
/// the highest validation accuracy; test values belong to the weights named.
struct RunSummary {
    std::optional<double> last_accuracy, best_accuracy;   ///< validation, student (or own network)
    std::optional<double> last_agreement, best_agreement; ///< validation; best: at the best epoch
    std::optional<double> teacher_accuracy;               ///< validation
    std::optional<double> test_accuracy, test_agreement, test_teacher_accuracy; ///< last weights
    std::optional<double> best_test_accuracy; ///< test accuracy of the best epoch
    std::int64_t best_epoch = 0;
};

} // namespace limbeck
