// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/catalogue.h"

#include <algorithm>

namespace limbeck {

std::span<const DatasetEntry> dataset_catalogue() {
    static const std::vector<DatasetEntry> entries{
        {"glyphs",
         "Glyphs",
         "Stroke-drawn digits, 28x28, made by Limbeck: 10 classes, bent, blurred and noisy.",
         false,
         12000,
         {1, 28, 28}},
        {"moons",
         "Moons",
         "Two half moons that reach into each other: points in the plane, 2 classes.",
         false,
         2000,
         {2}},
        {"spirals", "Spirals", "Three arms of a spiral: points in the plane, 3 classes.", false, 3000, {2}},
        {"circles",
         "Circles",
         "A disc and two rings around it: points in the plane, 3 classes.",
         false,
         3000,
         {2}},
        {"idx",
         "IDX folder",
         "A folder of IDX files, plain or .gz: MNIST, Fashion-MNIST, KMNIST, EMNIST.",
         true,
         0,
         {}},
        {"cifar10",
         "CIFAR-10",
         "The folder of CIFAR-10's binary version: 32x32 colour pictures, 10 classes.",
         true,
         0,
         {3, 32, 32}},
        {"cifar100",
         "CIFAR-100",
         "The folder of CIFAR-100's binary version: 32x32 colour pictures, 100 classes.",
         true,
         0,
         {3, 32, 32}},
    };
    return entries;
}

const DatasetEntry* find_dataset(std::string_view kind) {
    const auto all = dataset_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.kind == kind; });
    return found == all.end() ? nullptr : &*found;
}

const ModelEntry* find_model(std::string_view name) {
    const auto all = model_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const ObjectiveEntry* find_objective(std::string_view id) {
    const auto all = objective_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.id == id; });
    return found == all.end() ? nullptr : &*found;
}

const SchemeEntry* find_scheme(std::string_view id) {
    const auto all = scheme_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.id == id; });
    return found == all.end() ? nullptr : &*found;
}

const OptionEntry* find_option(const ObjectiveEntry& objective, std::string_view key) {
    static const OptionEntry temperature{"temperature",
                                         "Temperature",
                                         "Softens both networks' answers before they are compared.",
                                         4,
                                         0.05,
                                         100};
    static const OptionEntry t_squared{"t_squared",
                                       "Multiply by T²",
                                       "Keeps the size of the gradient when the temperature changes.",
                                       1,
                                       0,
                                       1,
                                       true};
    if (key == temperature.key && objective.uses_temperature) return &temperature;
    if (key == t_squared.key && objective.uses_t_squared) return &t_squared;
    const auto found = std::find_if(objective.options.begin(), objective.options.end(),
                                    [&](const OptionEntry& option) { return option.key == key; });
    return found == objective.options.end() ? nullptr : &*found;
}

TermOptions default_options(const ObjectiveEntry& objective) {
    TermOptions options;
    if (objective.uses_temperature) options["temperature"] = objective.temperature;
    if (objective.uses_t_squared) options["t_squared"] = objective.t_squared ? 1 : 0;
    for (const OptionEntry& option : objective.options)
        options[std::string(option.key)] = option.value;
    return options;
}

} // namespace limbeck
