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

struct ObjectiveEntry {
    std::string_view id, title, description, paper;
    std::string_view formula; ///< of the term alone, e.g. "T²·KL"
    bool uses_temperature = true, uses_t_squared = true;
    double temperature = 4, hard_weight = 0.1, soft_weight = 0.9; ///< defaults
};

std::span<const DatasetEntry> dataset_catalogue();
std::span<const ModelEntry> model_catalogue();
std::span<const ObjectiveEntry> objective_catalogue();
const DatasetEntry* find_dataset(std::string_view kind);
const ModelEntry* find_model(std::string_view name);
const ObjectiveEntry* find_objective(std::string_view id);

/// The loss with its numbers in it: "loss = 0.10 · CE + 0.90 · T²·KL, T = 4".
std::string formula_text(const DistillationConfig& distillation);

/// A ready experiment of the gallery.
struct SampleExperiment {
    std::string_view id, title, description;
    ExperimentConfig config;
};

std::span<const SampleExperiment> sample_experiments();
const SampleExperiment* find_sample(std::string_view id);

} // namespace limbeck
