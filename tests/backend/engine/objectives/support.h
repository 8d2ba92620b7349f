// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"
#include "backend/engine/tensors.h"
#include "tests/backend/engine/golden.h"

/// Objectives through the door of `limbeck-cli objective`, and slow second versions to hold them against.
namespace limbeck::objectives {

using Options = std::map<std::string, std::string>;
using Table = std::vector<std::vector<double>>; ///< [B, C]

inline torch::Tensor random(std::vector<std::int64_t> shape, std::uint64_t seed, double scale = 1) {
    return torch::randn(shape, at::make_generator<at::CPUGeneratorImpl>(seed), torch::kFloat64) * scale;
}

inline TensorMap file(const std::vector<std::pair<std::string, torch::Tensor>>& tensors) {
    TensorMap map;
    for (const auto& [name, tensor] : tensors)
        map.tensors[name] = to_data(tensor).value();
    return map;
}

inline TensorMap answers(const torch::Tensor& student, const torch::Tensor& teacher,
                         const torch::Tensor& labels = {}) {
    auto map = file({{"student_logits", student}, {"teacher_logits", teacher}});
    if (labels.defined()) map.tensors["labels"] = to_data(labels).value();
    return map;
}

inline torch::Tensor labels(std::int64_t batch, std::int64_t classes) {
    return (torch::arange(batch) * 3 + 1).remainder(classes);
}

struct Outcome {
    double value = 0;
    std::map<std::string, torch::Tensor> gradients; ///< by the name of the input
};

inline Outcome run(const std::string& id, const TensorMap& inputs, const Options& options = {}) {
    const auto result = run_objective(id, inputs, options);
    if (!result) throw std::runtime_error(id + ": " + result.error().message + result.error().detail);
    Outcome outcome;
    outcome.value = golden::tensor(*result, "value").item<double>();
    for (const auto& [name, data] : result->tensors)
        if (name.starts_with("grad.")) outcome.gradients[name.substr(5)] = to_tensor(data).value();
    return outcome;
}

inline std::string refusal(const std::string& id, const TensorMap& in, const Options& options = {}) {
    const auto result = run_objective(id, in, options);
    return result ? "was computed" : result.error().message;
}

inline Table table(const torch::Tensor& tensor) {
    Table rows(static_cast<std::size_t>(tensor.size(0)));
    for (std::int64_t b = 0; b < tensor.size(0); ++b)
        for (std::int64_t c = 0; c < tensor.size(1); ++c)
            rows[static_cast<std::size_t>(b)].push_back(tensor[b][c].item<double>());
    return rows;
}

/// Probabilities in plain double loops.
inline Table softmax(const torch::Tensor& logits, double temperature) {
    Table rows = table(logits);
    for (auto& row : rows) {
        double sum = 0;
        for (double& value : row)
            sum += value = std::exp(value / temperature);
        for (double& value : row)
            value /= sum;
    }
    return rows;
}

/// Every gradient against central differences in float64, at up to twelve places of each tensor that gets
/// one.
inline void expect_gradients(const std::string& id, const TensorMap& inputs, const Options& options = {},
                             double step = 1e-5, double tolerance = 1e-6) {
    const Outcome found = run(id, inputs, options);
    for (const auto& [name, gradient] : found.gradients) {
        if (!inputs.tensors.contains(name)) continue; // a parameter that the file does not set
        const auto original = to_tensor(inputs.tensors.at(name)).value();
        const double scale = std::max(gradient.abs().max().item<double>(), 1e-3);
        for (std::int64_t k = 0; k < std::min<std::int64_t>(12, original.numel()); ++k) {
            const std::int64_t place = k * original.numel() / std::min<std::int64_t>(12, original.numel());
            const auto moved = [&](double by) {
                TensorMap other = inputs;
                auto tensor = original.clone();
                tensor.view({-1})[place] += by;
                other.tensors[name] = to_data(tensor).value();
                return run(id, other, options).value;
            };
            const double slope = (moved(step) - moved(-step)) / (2 * step);
            EXPECT_NEAR(gradient.reshape({-1})[place].item<double>() / scale, slope / scale, tolerance)
                << id << ": " << name << " at " << place;
        }
    }
}

} // namespace limbeck::objectives
