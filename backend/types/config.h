// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/error.h"

namespace limbeck {

/// Which data set: "glyphs", "moons", "idx:FOLDER", … (a path runs to the end of the string).
struct DatasetSpec {
    std::string kind = "glyphs";
    std::string path; ///< folder, for the kinds that read one; relative paths are to the project
    bool operator==(const DatasetSpec&) const = default;
};

/// Which network: "resnet20", "mlp:hidden=64x64", "resnet56:weights=FILE".
struct NetworkSpec {
    std::string model = "lenet";
    std::map<std::string, std::string> options; ///< all but weights, e.g. hidden → "64x64"
    std::string weights;                        ///< safetensors file; empty: trained by Limbeck
    bool operator==(const NetworkSpec&) const = default;
};

/// Option of a stack with its layers, which stand in the short form without a name:
/// "stack:conv3-32,bn,relu,fc,weights=F".
inline constexpr std::string_view stack_model = "stack", stack_layers_option = "layers";

/// Both accept the short form and the JSON object that to_json prints.
Result<DatasetSpec> parse_dataset_spec(std::string_view text);
Result<NetworkSpec> parse_network_spec(std::string_view text);
std::string to_string(const DatasetSpec& spec);
std::string to_string(const NetworkSpec& spec);

struct DataConfig {
    DatasetSpec dataset;
    std::int64_t samples = 0;         ///< 0: all of a folder, or the maker's own default
    double noise = 0.15;              ///< made sets only: standard deviation of the noise
    double validation_fraction = 0.1; ///< of what is not test
    double test_fraction = 0.2;       ///< where the data bring no test part of their own
    std::uint64_t seed = 0;           ///< of making and splitting, not of training
    std::int64_t crop_padding = 0;    ///< pixels; 0: no pad-and-crop
    bool flip = false;                ///< mirror left-right with probability one half
    bool operator==(const DataConfig&) const = default;
};

/// How one network is trained.
struct OptimizationConfig {
    std::int64_t epochs = 10;
    std::int64_t batch_size = 64;
    std::string optimizer = "sgd"; ///< sgd | adamw
    double learning_rate = 0.05;
    double momentum = 0.9; ///< sgd
    bool nesterov = true;  ///< sgd
    double weight_decay = 5e-4;
    std::string schedule = "cosine"; ///< constant | step | cosine
    double warmup_epochs = 0.0;      ///< linear rise from 0, any schedule
    std::int64_t step_every = 10;    ///< epochs between drops (step)
    double step_factor = 0.1;        ///< what a drop multiplies the rate with (step)
    bool operator==(const OptimizationConfig&) const = default;
};

struct TrainingConfig : OptimizationConfig {
    std::uint64_t seed = 0;
    std::string device = "auto";       ///< auto | cpu | cuda:N
    std::string precision = "float32"; ///< float32 | tf32 (NVIDIA GPUs) | bfloat16 (autocast)
    std::int64_t threads = 0;          ///< 0: one per core
    double checkpoint_minutes = 5.0;   ///< besides the one at the end of every epoch
    std::int64_t keep_every = 0;       ///< epochs between checkpoints that stay; 0: only last and best do
    std::int64_t keep_budget = 1024;   ///< megabytes of a run's kept ones; the oldest beyond it go
    bool operator==(const TrainingConfig&) const = default;
};

struct TeacherConfig {
    NetworkSpec network{"lenet", {}, {}};
    std::vector<NetworkSpec> more;         ///< further teachers; the student hears the average of all
    std::string average = "probabilities"; ///< probabilities | logits: what of several teachers is averaged
    std::string cache = "auto";       ///< off | auto | float32 | half: whether, and how, its answers are kept
    std::int64_t cache_budget = 1024; ///< megabytes of memory for them
    OptimizationConfig training;
    bool operator==(const TeacherConfig&) const = default;
};

struct StudentConfig {
    NetworkSpec network{"mlp", {{"hidden", "32"}}, {}};
    bool train_alone = true; ///< also train the same student without a teacher, as the baseline
    bool operator==(const StudentConfig&) const = default;
};

/// Values of an objective's options by their names in the catalogue ("beta", "standardize": 0 or 1).
using TermOptions = std::map<std::string, double>;

/// A further term of the loss, besides cross-entropy and the response term. Short form:
/// "at:weight=1000,taps=feature.1+feature.2,p=2"; what is left out is as the catalogue says.
struct TermConfig {
    std::string id = "at"; ///< in the catalogue
    double weight = 1;
    std::vector<std::string>
        taps;            ///< "feature.2", or "feature.2/feature.3" (student/teacher); empty: default
    TermOptions options; ///< only those that differ from their defaults
    bool operator==(const TermConfig&) const = default;
};

/// total = hard_weight · CE(s, y) + soft_weight · L(s, t) + Σ weight_k · L_k
/// Objective, temperature, T², soft weight and `options` are short for the response term, the first of the
/// list that terms_of() gives.
struct DistillationConfig {
    std::string scheme = "plain"; ///< id in scheme_catalogue()
    std::string objective = "kd"; ///< id in the catalogue, of the answers' group
    double temperature = 4.0;
    double hard_weight = 0.1;
    double soft_weight = 0.9;
    bool t_squared = true; ///< multiply the soft term by T²
    TermOptions options;   ///< of the response term, but for temperature and t_squared
    std::vector<TermConfig> terms;
    std::vector<NetworkSpec> assistants; ///< scheme assistants: between teacher and student, largest first
    std::vector<NetworkSpec> peers;      ///< scheme mutual: who learns beside the student; empty: its twin
    std::int64_t generations = 2;        ///< scheme born-again: students one after the other
    bool operator==(const DistillationConfig&) const = default;
};

/// "beta=8,gamma=1"; "{}" and "" are none. Names are not checked here (see check()).
Result<TermOptions> parse_term_options(std::string_view text);
std::string to_string(const TermOptions& options);

/// Terms joined by ';', each in its short form, or a JSON array of objects. A weight that is left out is the
/// catalogue's.
Result<std::vector<TermConfig>> parse_terms(std::string_view text);
std::string to_string(const std::vector<TermConfig>& terms);

/// Networks joined by ';' in their short form, or a JSON array.
Result<std::vector<NetworkSpec>> parse_networks(std::string_view text);
std::string to_string(const std::vector<NetworkSpec>& networks);

/// Every term besides cross-entropy, all options filled in from the catalogue: the response term first (also
/// with weight 0: it may be raised while the run is on), then `terms`.
std::vector<TermConfig> terms_of(const DistillationConfig& distillation);

/// Everything a run needs to know; copied when the run starts.
struct ExperimentConfig {
    DataConfig data;
    TeacherConfig teacher;
    StudentConfig student;
    DistillationConfig distillation;
    TrainingConfig training;
    bool operator==(const ExperimentConfig&) const = default;
};

/// Sorted, indented JSON of every setting, sections nested ("training": {"epochs": 10, …});
/// data.dataset, teacher.model and student.model are objects.
std::string to_json(const ExperimentConfig& config);

/// Reads what to_json wrote. Missing keys keep their defaults; an unknown key or a value of the
/// wrong type is an error that names the key and the nearest known one.
Result<ExperimentConfig> config_from_json(std::string_view json);

} // namespace limbeck
