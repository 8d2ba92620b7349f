// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backend/types/answers_about.h"
#include "backend/types/config.h"
#include "backend/types/dataset.h"
#include "backend/types/error.h"
#include "backend/types/run.h"
#include "backend/types/snapshot.h"
#include "backend/types/tensor_map.h"

/// The border between Limbeck and LibTorch: pure virtual classes and plain values. Everything
/// here is called on the one training thread and throws nothing.
namespace limbeck {

struct DeviceInfo {
    std::string id;   ///< "cpu", "cuda:0"
    std::string name; ///< "CPU · 2 cores", "NVIDIA H200"
    std::int64_t memory_bytes = 0;
    bool available = true;
    std::string reason; ///< why not, when not available ("this build has the CPU flavour …")
};

struct EngineInfo {
    std::string libtorch_version; ///< "2.11.0"
    std::string flavour;          ///< "cpu" | "cuda"
    std::string instruction_set;  ///< "AVX2", "AVX512", …
    std::int64_t threads = 0;
};

/// What a network costs.
struct NetworkCost {
    std::int64_t parameters = 0;
    std::int64_t bytes = 0; ///< of the weights file in float32
    std::int64_t flops = 0; ///< per sample, 2 × multiply-adds
    double latency_ms = 0;  ///< median of one sample on one CPU thread; 0: not measured
};

/// One row of a network's cost, in the order of the computation; for one sample.
struct LayerCost {
    std::string name;                 ///< of the module: "layer1.0.conv1"
    std::string kind;                 ///< "conv 3×3", "linear", "batch norm", …
    std::vector<std::int64_t> output; ///< shape without the batch
    std::int64_t parameters = 0;
    std::int64_t bytes = 0;            ///< parameters and buffers in float32
    std::int64_t multiply_adds = 0;    ///< of convolutions, linear layers and attention
    std::int64_t activation_bytes = 0; ///< of what it gives on, in float32
};

/// How a file of weights and a network fit together.
struct WeightsReport {
    std::vector<std::string> fitting, missing, unexpected;
    std::vector<std::string> mismatched; ///< "fc.weight is [10, 64] where the network has [100, 64]"
};

/// What a term of a loss needs for certain networks.
struct TermNeeds {
    std::string id;
    std::vector<std::string> taps; ///< "feature.3 [64, 8, 8] – feature.3 [256, 8, 8]"
    std::int64_t adapter_parameters = 0;
    std::int64_t bank_bytes = 0;
    std::string problem; ///< why it cannot be computed, in words; empty: it can
};

/// One term of the objective besides cross-entropy with the labels.
struct TermSpec {
    std::string id = "kd";
    double weight = 0.9;
    std::vector<std::string> taps; ///< feature terms: as in TermConfig; empty: the catalogue's
    TermOptions options;           ///< temperature, t_squared (0/1), …
};

/// A network that gives answers and does not learn.
struct TeacherSource {
    NetworkSpec network;
    TensorMap weights; ///< names as in the state dict
};

/// Networks, data and terms to be told about; weights play no part.
struct TermsQuestion {
    NetworkSpec student, teacher;
    InputSpec input;
    std::int64_t classes = 0, samples = 0; ///< of the whole data set: memories have an entry for each
    std::vector<TermSpec> terms;
};

/// What to train: one network, its data handling and its loss. Without a teacher the loss is
/// hard_weight · cross-entropy.
struct TrainingTask {
    Role role = Role::student;
    NetworkSpec network;
    std::optional<TensorMap> initial_weights; ///< start from these instead of the seed's
    std::optional<NetworkSpec> teacher;
    TensorMap teacher_weights; ///< names as in the state dict

    /// Further teachers beside `teacher`: the student hears the average of all answers. Features are the
    /// first teacher's.
    std::vector<TeacherSource> more_teachers;
    bool average_logits = false; ///< of several teachers; false: their probabilities at temperature 1
    /// Networks that are trained along with this one, each learning from the average of the others' answers
    /// (deep mutual learning, Zhang 2018); without a teacher. Only this network's weights are handed out.
    std::vector<NetworkSpec> peers;
    bool mixup = false; ///< each batch is blended with a shuffled copy of itself, λ uniform in 0..1 a batch

    double hard_weight = 1.0;
    std::vector<TermSpec> terms; ///< need a teacher or peers

    OptimizationConfig optimization;
    std::int64_t crop_padding = 0;
    bool flip = false;
    std::uint64_t seed = 0;
    std::string device = "auto";
    std::string precision = "float32";

    /// Whether the teacher's answers are kept: "off", "auto" (where that is exact), "float32" or "half"
    /// (refused where it is not).
    std::string teacher_cache = "off";
    std::int64_t cache_budget = std::int64_t{1} << 30; ///< bytes of memory for them
    std::string cache_folder;                          ///< where they outlive the run; empty: nowhere
    /// Tells apart what the engine cannot: a digest of teachers, data, normalisation and views. The engine
    /// adds how it computes.
    std::string cache_key;
    AnswersAbout cache_about; ///< for those who look at the folder
};

/// Metrics of some steps, oldest first: values is [steps.size(), series.size()], row-major.
struct StepRows {
    std::vector<std::int64_t> steps;
    std::vector<double> values;
    /// The first step whose loss or gradient was not finite. Its update and all later ones were
    /// skipped: the weights are still the last good ones.
    std::optional<std::int64_t> first_bad_step;
};

struct StepOutcome {
    std::int64_t step = 0;       ///< steps done
    std::int64_t epoch = 0;      ///< epochs done
    bool epoch_finished = false; ///< this step was the last of an epoch
    bool finished = false;       ///< this step was the last of the run
    std::int64_t samples = 0;    ///< in this step
};

/// Named values of one evaluation; names without the part ("accuracy", "agreement", "loss" …).
using EvaluationValues = std::vector<std::pair<std::string, double>>;

struct Evaluation {
    EvaluationValues values;
    AnswersSnapshotPtr answers; ///< validation only, else null
};

/// A network under training. Destroyed before its Engine.
class TrainingJob {
  public:
    virtual ~TrainingJob() = default;

    virtual std::string device() const = 0;
    virtual std::int64_t steps_per_epoch() const = 0;
    virtual std::int64_t total_steps() const = 0;
    virtual std::int64_t steps_done() const = 0;
    /// Names of the columns of StepRows, with the part ("train/loss").
    virtual std::span<const std::string> step_series() const = 0;

    /// One optimiser step; never waits for the device.
    virtual Result<StepOutcome> step() = 0;
    /// Rows not yet handed out. On a GPU they are read every few steps without waiting, unless
    /// `wait` (at a pause, an epoch's end, a checkpoint).
    virtual Result<StepRows> drain(bool wait) = 0;
    /// Counts over a whole part, in evaluation mode; the training state is untouched. An empty part
    /// gives no values.
    /// `keep_going` is asked between batches; false gives ErrorKind::cancelled.
    virtual Result<Evaluation> evaluate(Part part, const std::function<bool()>& keep_going) = 0;

    /// Keys of SetLive. Takes effect with the next step. A key that has no part in this network's
    /// loss (the temperature without a teacher) is ErrorKind::usage.
    virtual Result<void> set_live(std::string_view key, double value) = 0;
    virtual Result<double> live(std::string_view key) const = 0;

    /// The network's state dict on the host.
    virtual Result<TensorMap> weights() const = 0;
    /// All the rest that going on bit-exactly needs: optimiser, position, live settings. After a bad
    /// step it is the state before that step.
    virtual Result<TensorMap> state() const = 0;
    virtual Result<void> restore(const TensorMap& weights, const TensorMap& state) = 0;

    /// Words for people about how the training is done ("Teacher's answers: cached …"); each is given once.
    virtual std::vector<std::string> take_notes() { return {}; }
};

class Engine {
  public:
    virtual ~Engine() = default;

    virtual EngineInfo info() const = 0;
    virtual std::vector<DeviceInfo> devices() const = 0;
    /// Names that build_network and the terms know (tested against the catalogue).
    virtual std::vector<std::string> model_names() const = 0;
    virtual std::vector<std::string> objective_ids() const = 0;

    /// Refuses what does not fit ("resnet20 needs pictures of at least 8x8, the data are [2]").
    virtual Result<NetworkCost> cost(const NetworkSpec& network, const InputSpec& input, std::int64_t classes,
                                     bool measure_latency) = 0;
    /// What each layer costs for one sample, in the order of the computation; adds up to cost().
    virtual Result<std::vector<LayerCost>> layer_costs(const NetworkSpec& network, const InputSpec& input,
                                                       std::int64_t classes) = 0;
    /// How a file of weights and a network fit together. An input without a shape and no classes are taken
    /// from the weights.
    virtual Result<WeightsReport> compare_weights(const NetworkSpec& network, const TensorMap& weights,
                                                  const InputSpec& input = {}, std::int64_t classes = 0) = 0;

    /// What each term needs, in the order of the question; a term that does not fit says so in its `problem`.
    virtual Result<std::vector<TermNeeds>> term_needs(const TermsQuestion& question) = 0;

    /// Checks everything that can be known (shapes, classes, device, memory estimate) first.
    /// The data set must outlive the job.
    virtual Result<std::unique_ptr<TrainingJob>> prepare(const TrainingTask& task,
                                                         std::shared_ptr<const Dataset> data) = 0;

    /// `limbeck-cli objective`: value and gradients of one objective in its input's precision.
    virtual Result<TensorMap> objective(std::string_view id, const TensorMap& inputs,
                                        const std::map<std::string, std::string>& options) = 0;
    /// `limbeck-cli forward`: logits and taps of one network in eval mode, [B, …] in `input`.
    virtual Result<TensorMap> forward(const NetworkSpec& network, const TensorMap& weights,
                                      const TensorMap& inputs) = 0;
};

/// Settings fixed for the life of the process, applied on the calling (training) thread.
struct EngineOptions {
    std::int64_t threads = 0; ///< 0: one per core
};

/// The one symbol that liblimbeck_engine.so exports for the loader; nullptr and a message in
/// `error` when LibTorch cannot start. Delete the engine before unloading (we never unload).
using EngineFactory = Engine* (*)(const EngineOptions&, std::string* error);
inline constexpr const char* engine_factory_symbol = "limbeck_create_engine";

} // namespace limbeck
