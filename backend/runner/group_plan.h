// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/project/project.h"
#include "backend/runner/run_book.h"
#include "backend/types/run.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// The best epoch so far: the highest validation accuracy, the earlier one of equals.
struct BestSoFar {
    double accuracy = -1;
    std::int64_t step = -1, epoch = 0;
    std::shared_ptr<const TensorMap> weights; ///< null: not needed, or not there
};

/// Where a run goes on from.
struct ResumePoint {
    std::int64_t step = 0;
    TensorMap weights, state;
    ThinnerStates thinners;
    bool evaluated = false;        ///< the evaluation that is due at this step is in the document
    std::int64_t tested_step = -1; ///< of the last evaluation of the test part; -1: none
    BestSoFar best;
    std::optional<double> teacher_accuracy; ///< on validation, at the run's start
};

/// A network that teaches a run: its weights are there, or come from a run before it in the group.
struct PlannedTeacher {
    std::optional<std::size_t> from;          ///< index of that run; none: the weights are there
    std::shared_ptr<const TensorMap> weights; ///< null until that run is done
    std::string fingerprint;                  ///< of the data that it was trained on, if known
};

struct PlannedRun {
    RunRecord record;
    std::vector<RunEvent> replay; ///< changes to apply again at their steps, by step
    std::optional<ResumePoint> from;
    /// Epochs that the training is planned for until an event of `replay` says more (the learning rate's
    /// schedule depends on them); 0: the configuration's.
    std::int64_t epochs = 0;
    std::vector<PlannedTeacher> teachers; ///< as teacher_links() of the record
};

/// The event that tells that a run was given more epochs than it began with.
inline constexpr std::string_view epochs_key = "training.epochs";
/// The epochs in force before the events of `replay`; 0: none of them changes the epochs.
std::int64_t epochs_before(const std::vector<RunEvent>& replay);

/// A group of runs as the training thread conducts it.
struct GroupPlan {
    GroupId group = 0;
    std::filesystem::path base; ///< relative paths of data and weights start here
    std::vector<PlannedRun> runs;
    std::string baseline_fingerprint; ///< of the data of a student alone that was kept, if known
    std::vector<std::string> notes;   ///< "Teacher kept from run 3: same settings."
};

/// These write the group's runs into the project (one transaction) and say how to conduct them.
Result<GroupPlan> plan_start(Project& project, const ExperimentConfig& config);
Result<GroupPlan> plan_repeat(Project& project, RunId run);
Result<GroupPlan> plan_resume(Project& project, std::optional<RunId> run, std::optional<std::int64_t> epochs);

/// Weights that a specification names: a safetensors file, relative to `base`.
Result<TensorMap> read_weights_file(const NetworkSpec& network, const std::filesystem::path& base);

} // namespace limbeck
