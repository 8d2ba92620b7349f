// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"
#include "tests/backend/engine/golden.h"

/// What the tests of the terms on features share.
namespace limbeck::checks {

inline torch::Tensor normal(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return torch::empty(shape, torch::kFloat64).normal_(0, 1, generator);
}

/// A batch of features, with the context that fits it; labels run through 0, 1, 2 … below `classes`.
struct Case {
    TermInputs in;
    TermContext context;
};

inline Case features(const std::vector<std::vector<std::int64_t>>& student,
                     const std::vector<std::vector<std::int64_t>>& teacher, std::int64_t classes = 3) {
    Case made;
    std::uint64_t seed = 11;
    for (const auto& shape : student) {
        made.in.student_features.push_back(normal(shape, ++seed));
        made.context.student_shapes.emplace_back(shape.begin() + 1, shape.end());
    }
    for (const auto& shape : teacher) {
        made.in.teacher_features.push_back(normal(shape, ++seed));
        made.context.teacher_shapes.emplace_back(shape.begin() + 1, shape.end());
    }
    const std::int64_t batch = student.front().front();
    made.in.labels = torch::arange(batch, torch::kInt64).remainder(classes);
    made.in.sample_ids = torch::arange(batch, torch::kInt64);
    made.context.labels = made.in.labels;
    made.context.samples = batch;
    made.context.classes = classes;
    made.context.seed = 5;
    return made;
}

/// The term in double precision.
inline std::shared_ptr<Objective> make(const std::string& id, const TermOptions& options,
                                       const TermContext& context) {
    auto made = make_objective(id, options, context);
    if (!made) throw std::runtime_error(made.error().message);
    (*made)->to(torch::kFloat64);
    return *made;
}

inline std::string refusal(const std::string& id, const TermOptions& options, const TermContext& context) {
    const auto made = make_objective(id, options, context);
    return made ? "was made" : made.error().message;
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Value and gradients of a golden file in both precisions.
inline void expect_published(const std::string& name) {
    const TensorMap file = golden::read(golden::folder() / "objectives" / (name + ".safetensors"));
    std::map<std::string, std::string> options;
    const auto json = nlohmann::json::parse(file.metadata.at("options"));
    for (const auto& [key, value] : json.items())
        options[key] = value.dump();
    for (const auto& [precision, tolerance] :
         {std::pair{torch::kFloat64, 1e-9}, std::pair{torch::kFloat32, 1e-5}}) {
        TensorMap input = file;
        for (auto& [key, data] : input.tensors)
            if (data.dtype == DType::f64) data = to_data(golden::tensor(file, key).to(precision)).value();
        const auto found = run_objective(file.metadata.at("objective"), input, options);
        ASSERT_TRUE(found) << name << ": " << found.error().message;
        int compared = 0;
        for (const auto& item : file.tensors) {
            if (item.first != "value" && !item.first.starts_with("grad.")) continue;
            ASSERT_TRUE(found->tensors.contains(item.first)) << name << " " << item.first;
            const auto tensor = golden::tensor(*found, item.first);
            EXPECT_EQ(tensor.scalar_type(), precision);
            EXPECT_LT(golden::relative_error(tensor, golden::tensor(file, item.first)), tolerance)
                << name << " " << item.first;
            ++compared;
        }
        EXPECT_GE(compared, 2) << name;
    }
}

/// Holds the gradients towards the student's features and the term's parameters against central differences
/// in a few places of each. `evaluate` computes the value; what it remembers must not change it.
template <class Evaluate>
void expect_derivatives(TermInputs& in, Objective& term, const Evaluate& evaluate, bool student = true) {
    std::vector<std::pair<std::string, torch::Tensor>> leaves;
    if (student)
        for (std::size_t i = 0; i < in.student_features.size(); ++i) {
            in.student_features[i] = in.student_features[i].detach().clone().requires_grad_();
            leaves.emplace_back("student_feature." + std::to_string(i), in.student_features[i]);
        }
    for (const auto& item : term.named_parameters())
        leaves.emplace_back(item.key(), item.value());
    std::vector<torch::Tensor> wanted;
    for (const auto& leaf : leaves)
        wanted.push_back(leaf.second);
    const auto gradients = torch::autograd::grad({evaluate()}, wanted, {}, {}, false, /*allow_unused=*/true);
    const torch::NoGradGuard no_grad;
    int compared = 0;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        if (!gradients[i].defined()) continue;
        torch::Tensor flat = leaves[i].second.detach().view(-1);
        const torch::Tensor gradient = gradients[i].reshape(-1);
        const double scale = gradient.abs().max().template item<double>();
        for (const std::int64_t at : {std::int64_t{0}, flat.numel() / 2, flat.numel() - 1}) {
            const double kept = flat[at].template item<double>(), step = 1e-5;
            flat[at] = kept + step;
            const double up = evaluate().template item<double>();
            flat[at] = kept - step;
            const double down = evaluate().template item<double>();
            flat[at] = kept;
            EXPECT_NEAR(gradient[at].template item<double>(), (up - down) / (2 * step), 1e-5 * scale + 1e-8)
                << leaves[i].first << " at " << at;
            ++compared;
        }
    }
    EXPECT_GT(compared, 0);
}

inline void expect_derivatives(TermInputs& in, Objective& term) {
    expect_derivatives(in, term, [&] { return term.value(in); });
}

} // namespace limbeck::checks
