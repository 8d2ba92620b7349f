// SPDX-License-Identifier: GPL-3.0-or-later
// What a loss of several pieces tells about itself, several teachers, peers, and what objectives need.
#include <algorithm>
#include <cmath>
#include <set>

#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"
#include "backend/engine/training/batches.h"
#include "backend/engine/training/step_loss.h"
#include "backend/engine/training/teachers.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

using namespace toys;

torch::Tensor logits(std::int64_t batch, std::int64_t classes, std::uint64_t seed) {
    return torch::randn({batch, classes}, at::make_generator<at::CPUGeneratorImpl>(seed));
}

LossSettings loss_of(double hard_weight, const std::vector<TermSpec>& terms) {
    LossContext context;
    context.terms.classes = 4;
    return make_loss(hard_weight, terms, context).value();
}

LossInputs inputs_of(const torch::Tensor& student, const torch::Tensor& teacher) {
    LossInputs inputs;
    inputs.student.logits = student;
    inputs.others.push_back({teacher, {}, {}});
    inputs.labels = torch::arange(student.size(0)).remainder(4);
    return inputs;
}

TEST(Shares, AreTheLengthsOfTheWeightedGradientsOnTheLogits) {
    const auto student = logits(6, 4, 1).requires_grad_(), teacher = logits(6, 4, 2);
    const auto settings = loss_of(0.3, {{"kd", 0.7, {}, {{"temperature", 2}}}, {"mse-logits", 0.5, {}, {}}});
    const auto values = backpropagate({settings, inputs_of(student, teacher), {}, {}, {}});
    const auto length = [&](const std::function<torch::Tensor(const torch::Tensor&)>& piece) {
        const auto leaf = student.detach().requires_grad_();
        return torch::autograd::grad({piece(leaf)}, {leaf})[0].norm().item<double>();
    };
    const double hard = length(
        [&](const auto& s) { return 0.3 * torch::cross_entropy_loss(s, torch::arange(6).remainder(4)); });
    const double soft = length([&](const auto& s) {
        const auto p = (teacher / 2).softmax(1);
        return 0.7 * 4 * (p * (p.log() - (s / 2).log_softmax(1))).sum(1).mean();
    });
    const double logit = length([&](const auto& s) { return 0.5 * (s - teacher).square().mean(); });
    ASSERT_EQ(values.shares.size(), 3u);
    EXPECT_NEAR(values.shares[0].item<double>(), hard / (hard + soft + logit), 1e-6);
    EXPECT_NEAR(values.shares[1].item<double>(), soft / (hard + soft + logit), 1e-6);
    EXPECT_NEAR(values.shares[2].item<double>(), logit / (hard + soft + logit), 1e-6);
}

TEST(Shares, BelongToPiecesWhoseSumIsTheWholeGradient) {
    const auto student = logits(6, 4, 1).requires_grad_(), teacher = logits(6, 4, 2);
    const auto settings = loss_of(0.3, {{"kd", 0.7, {}, {{"temperature", 2}}}});
    const auto values = backpropagate({settings, inputs_of(student, teacher), {}, {}, {}});
    const auto leaf = student.detach().requires_grad_();
    const auto p = (teacher / 2).softmax(1);
    const auto total = 0.3 * torch::cross_entropy_loss(leaf, torch::arange(6).remainder(4)) +
                       0.7 * 4 * (p * (p.log() - (leaf / 2).log_softmax(1))).sum(1).mean();
    EXPECT_NEAR(values.total.item<double>(), total.item<double>(), 1e-6);
    EXPECT_TRUE(torch::allclose(student.grad(), torch::autograd::grad({total}, {leaf})[0], 1e-5, 1e-7));
}

TEST(Shares, AreMeasuredInTrainingAndAddUpToOne) {
    const auto data = moons();
    auto job = start(distilled(data), data);
    const auto rows = run(*job, 5);
    const auto hard = column(*job, rows, "train/hard_share"), soft = column(*job, rows, "train/soft_share");
    for (std::size_t i = 0; i < hard.size(); ++i)
        EXPECT_NEAR(hard[i] + soft[i], 1, 1e-6);
}

TEST(Teachers, AreAveragedAsProbabilitiesOrAsLogits) {
    const auto a = logits(5, 4, 1), b = logits(5, 4, 2);
    const auto probabilities = (a.softmax(1) + b.softmax(1)) / 2;
    EXPECT_TRUE(torch::allclose(average_answers({a, b}, false).softmax(1), probabilities, 1e-5, 1e-7));
    EXPECT_TRUE(torch::allclose(average_answers({a, b}, true), (a + b) / 2));
    EXPECT_TRUE(torch::equal(average_answers({a}, false), a));
}

TEST(Teachers, OfARunAreHeardTogether) {
    const auto data = moons();
    auto one = distilled(data), both = one;
    both.more_teachers.push_back({mlp("8"), fresh_weights(mlp("8"), data, 98)});
    auto alone_job = start(one, data), both_job = start(both, data);
    EXPECT_NE(column(*alone_job, run(*alone_job, 1), "train/soft"),
              column(*both_job, run(*both_job, 1), "train/soft"));
    EXPECT_FALSE(engine().prepare(
        [&] {
            auto wrong = both;
            wrong.more_teachers[0].weights = {};
            return wrong;
        }(),
        data));
}

TEST(Peers, LearnToAgreeWithTheStudent) {
    const auto data = moons();
    auto task = mutual();
    task.optimization.epochs = 20;
    auto job = start(task, data);
    const double before = value(*job->evaluate(Part::validation, {}), "predictive_kl");
    run(*job);
    const auto after = *job->evaluate(Part::validation, {});
    EXPECT_LT(value(after, "predictive_kl"), before);
    EXPECT_GT(value(after, "accuracy"), 0.8);
    EXPECT_GT(value(after, "teacher_accuracy"), 0.8);
}

TEST(Peers, AreNoPartOfTheWeightsThatAreHandedOut) {
    const auto data = moons();
    auto job = start(mutual(), data);
    const auto weights = *job->weights();
    for (const auto& [name, tensor] : weights.tensors)
        EXPECT_TRUE(name.starts_with("hidden.") || name.starts_with("fc.")) << name;
}

TEST(Mixup, BlendsABatchInAWayThatTheSeedAndTheStepDecide) {
    const auto picture = [] {
        Batch batch;
        batch.inputs = torch::eye(5).view({5, 1, 1, 5}).clone();
        batch.labels = torch::arange(5);
        return batch;
    };
    Batch first = picture(), again = picture(), later = picture();
    mix(first, 3, 7);
    mix(again, 3, 7);
    mix(later, 3, 8);
    EXPECT_TRUE(torch::equal(first.inputs, again.inputs));
    EXPECT_FALSE(torch::equal(first.inputs, later.inputs));
    const auto rows = first.inputs.view({5, 5});
    EXPECT_TRUE(torch::allclose(rows.sum(1), torch::ones(5)));
    EXPECT_TRUE(torch::allclose(rows.sum(0), torch::ones(5))); // every sample is somebody's partner once
    EXPECT_TRUE(torch::equal(first.labels, rows.argmax(1)));
}

TEST(Needs, TellWhyATermCannotBeComputed) {
    const auto needs =
        engine().term_needs({mlp(), mlp("24"), {{2}}, 2, 128, {{"kd", 1, {}, {}}, {"nothing", 1, {}, {}}}});
    ASSERT_TRUE(needs) << needs.error().message;
    EXPECT_EQ(needs->at(0).problem, "");
    EXPECT_NE(needs->at(1).problem.find("no objective \"nothing\""), std::string::npos);
}

class NeedsOf : public testing::TestWithParam<std::string> {};

TEST_P(NeedsOf, EqualNetworksAreKnownForEveryObjective) {
    const NetworkSpec resnet{"resnet8", {}, {}};
    const auto needs =
        engine().term_needs({resnet, resnet, {{3, 16, 16}}, 10, 500, {{GetParam(), 1, {}, {}}}});
    ASSERT_TRUE(needs) << needs.error().message;
    const ObjectiveEntry& entry = *find_objective(GetParam());
    EXPECT_EQ(needs->at(0).problem, "");
    EXPECT_EQ(needs->at(0).taps.empty(), entry.group == ObjectiveGroup::answers);
    EXPECT_GE(needs->at(0).adapter_parameters, entry.adapter == AdapterNeed::always ? 1 : 0);
    EXPECT_EQ(needs->at(0).bank_bytes > 0, GetParam() == "crd");
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NeedsOf, testing::ValuesIn(objective_ids()), name_of_objective);

} // namespace
} // namespace limbeck
