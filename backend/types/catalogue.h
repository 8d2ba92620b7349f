// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/config.h"

namespace limbeck {

/// What can be chosen, in words, without loading the engine: the window lists it at once, and the
/// engine's registry is tested to be the same list.
struct DatasetEntry {
    std::string_view kind, title, description;
    bool needs_folder = false;
    std::int64_t default_samples = 0; ///< made sets: how many when data.samples is 0
    std::vector<std::int64_t> shape;  ///< of one sample where the kind decides it; else empty

    bool is_image() const { return shape.size() != 1; }
};

struct ModelEntry {
    std::string_view name, title, description, paper;
    std::vector<std::string_view> options; ///< option keys it takes ("hidden")
    bool needs_image = false;              ///< [C, H, W] only
    int minimum_side = 0;                  ///< smallest H and W it makes sense for; 0: any
};

/// A knob of an objective beside its weight: a number, or a switch that is 0 or 1.
struct OptionEntry {
    std::string_view key, label, description;
    double value = 0, minimum = 0, maximum = 0; ///< default and inclusive range
    bool is_switch = false;
    bool is_whole = false;
};

enum class ObjectiveGroup { answers, features };

/// Which taps a feature term compares where none are named; counted from the last one backwards where student
/// and teacher have different numbers of stages.
enum class DefaultTaps {
    none,
    second_stage,
    stages,
    last_stage,
    pooled,
    stem_to_last_stage,
    stages_and_pooled ///< the pooled vector is taken as it is also where the stages are before the activation
};

/// Layers that learn along with the student and are left out of it afterwards.
enum class AdapterNeed { never, optional, always };

struct ObjectiveEntry {
    std::string_view id, title;
    std::string_view description; ///< one sentence for the picker
    std::string_view when;        ///< when to use it, and what for, in a sentence or two
    std::string_view paper;       ///< "Hinton, Vinyals, Dean 2015, arXiv:1503.02531"
    std::string_view formula;     ///< of the term alone and short, for the formula line: "T²·KL"
    std::string_view definition;  ///< the whole of it, in the HTML subset of a QLabel (sub, sup, i, br)
    ObjectiveGroup group = ObjectiveGroup::answers;
    bool needs_labels = false;
    bool uses_temperature = true, uses_t_squared = true;
    double temperature = 4;
    bool t_squared = true;
    double hard_weight = 0.1; ///< of the labels, where this term is the one that is chosen
    double weight = 0.9;      ///< of the term itself: soft_weight for those of the answers
    DefaultTaps taps = DefaultTaps::none;
    bool preactivations = false;         ///< the default taps are those before the activation, on both sides
    bool teacher_preactivations = false; ///< the same, on the teacher's side alone
    AdapterNeed adapter = AdapterNeed::never;
    bool batch_dependent = false;       ///< compares samples with each other: needs a batch of at least two
    std::vector<OptionEntry> options{}; ///< further ones: temperature and t_squared are not repeated here
};

/// Options that every entry may have, under the same names:
/// - "initial_epochs": an initial stage before the training proper (fsp, ab, ft)
/// - "warmup_epochs": the weight rises linearly over these epochs of the main stage: min((epoch + 1) / N, 1)
/// - "adapter": 1 or 0, where the adapter is optional
inline constexpr std::string_view initial_epochs_option = "initial_epochs";
inline constexpr std::string_view warmup_epochs_option = "warmup_epochs";
inline constexpr std::string_view adapter_option = "adapter";

/// Who learns from whom.
struct SchemeEntry {
    std::string_view id, title, description, when, paper;
};

std::span<const DatasetEntry> dataset_catalogue();
std::span<const ModelEntry> model_catalogue();
std::span<const ObjectiveEntry> objective_catalogue();
std::span<const SchemeEntry> scheme_catalogue();
const DatasetEntry* find_dataset(std::string_view kind);
const ModelEntry* find_model(std::string_view name);
const ObjectiveEntry* find_objective(std::string_view id);
const SchemeEntry* find_scheme(std::string_view id);
/// nullptr if the objective has no such option; knows temperature and t_squared too, where they are used.
const OptionEntry* find_option(const ObjectiveEntry& objective, std::string_view key);
/// Every option with its default, temperature and t_squared included where they are used.
TermOptions default_options(const ObjectiveEntry& objective);

/// The loss with its numbers in it: "loss = 0.10 · CE + 0.90 · T²·KL + 1000 · AT, T = 4".
std::string formula_text(const DistillationConfig& distillation);

/// A piece of that text, so that it can be coloured: "0.10 · CE" is hard, "0.90 · T²·KL" soft, each further
/// term its own, and what stands between them a sign. The texts joined are formula_text().
struct FormulaPart {
    enum class Kind { sign, hard, soft, term };
    Kind kind = Kind::sign;
    std::string text;
};

std::vector<FormulaPart> formula_parts(const DistillationConfig& distillation);

/// A ready experiment of the gallery.
struct SampleExperiment {
    std::string_view id, title, description;
    ExperimentConfig config;
};

std::span<const SampleExperiment> sample_experiments();
const SampleExperiment* find_sample(std::string_view id);

} // namespace limbeck
