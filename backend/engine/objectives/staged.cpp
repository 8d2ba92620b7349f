// SPDX-License-Identifier: GPL-3.0-or-later
// Terms with an initial stage.
#include "backend/engine/objectives/objective.h"

#include <array>
#include <cmath>

#include <torch/torch.h>

#include "backend/engine/objectives/picture_terms.h"

namespace limbeck {

namespace {

/// Terms that prepare the student and then leave it to the labels (fsp, ab). Without an initial stage they
/// count all along.
class PreparingObjective : public Objective {
  public:
    using Objective::Objective;

    bool counts_after_initial_stage() const override { return option(initial_epochs_option) == 0; }
};

/// G_ij = mean over positions of channel i of one level times channel j of the next, [B, C1, C2] (Yim 2017,
/// equation 1).
torch::Tensor flow(const torch::Tensor& level, const torch::Tensor& next) {
    const auto [a, b] = at_smaller_size(level, next);
    return a.flatten(2).matmul(b.flatten(2).transpose(1, 2)) / static_cast<double>(a.size(2) * a.size(3));
}

class Fsp final : public PreparingObjective {
  public:
    using PreparingObjective::PreparingObjective;

    torch::Tensor value(const TermInputs& in) override {
        torch::Tensor sum;
        for (std::size_t i = 0; i + 1 < in.student_features.size(); ++i) {
            const torch::Tensor student = flow(in.student_features[i], in.student_features[i + 1]);
            const torch::Tensor teacher =
                flow(in.teacher_features[i].detach(), in.teacher_features[i + 1].detach());
            const torch::Tensor term = (student - teacher).square().mean();
            sum = sum.defined() ? sum + term : term;
        }
        return sum;
    }
};

Result<std::shared_ptr<Objective>> make_fsp(const ObjectiveEntry& entry, const TermOptions& options,
                                            const TermContext& context) {
    std::string problem = pairs_problem(entry, context, /*vectors=*/false, /*least=*/2);
    if (problem.empty())
        problem = channels_problem(entry, context,
                                   "Choose taps of equal channels, or ab, which connects unequal ones.");
    if (!problem.empty()) return features_refused(std::move(problem));
    return std::make_shared<Fsp>(entry, options);
}

/// 1×1 convolution and batch norm, in the manner of Heo 2019, section "connector function".
torch::nn::Sequential make_connector(const std::vector<std::int64_t>& student,
                                     const std::vector<std::int64_t>& teacher) {
    if (student.size() == 1)
        return torch::nn::Sequential(
            torch::nn::Linear(torch::nn::LinearOptions(student[0], teacher[0]).bias(false)),
            torch::nn::BatchNorm1d(teacher[0]));
    return torch::nn::Sequential(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(student[0], teacher[0], 1).bias(false)),
        torch::nn::BatchNorm2d(teacher[0]));
}

/// Heo 2019, equation 4: a neuron whose teacher fires (t > 0) shall be above the margin, others below minus
/// the margin. Summed over everything.
torch::Tensor boundary_loss(const torch::Tensor& student, const torch::Tensor& teacher, double margin) {
    return torch::where(teacher > 0, margin - student, margin + student).relu().square().sum();
}

class Ab final : public PreparingObjective {
  public:
    Ab(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : PreparingObjective(entry, std::move(options)) {
        const auto &student = context.student_shapes, &teacher = context.teacher_shapes;
        for (std::size_t i = 0; i < student.size(); ++i) {
            torch::nn::Sequential connector{nullptr};
            if (option(adapter_option) != 0 || student[i].front() != teacher[i].front())
                connector =
                    register_module("connector" + std::to_string(i), make_connector(student[i], teacher[i]));
            connectors_.push_back(connector);
        }
    }

    torch::Tensor value(const TermInputs& in) override {
        const auto levels = static_cast<int>(connectors_.size());
        torch::Tensor sum;
        for (int i = 0; i < levels; ++i) {
            const auto at = static_cast<std::size_t>(i);
            auto [student, teacher] =
                at_smaller_size(in.student_features[at], in.teacher_features[at].detach());
            if (connectors_[at]) student = connectors_[at]->forward(student);
            const torch::Tensor term =
                boundary_loss(student, teacher, option("margin")) * std::ldexp(1.0, i - levels + 1);
            sum = sum.defined() ? sum + term : term;
        }
        // The published scale: a thousandth of three, per sample.
        return sum * (3.0 / 1000 / static_cast<double>(in.student_features.front().size(0)));
    }

  private:
    std::vector<torch::nn::Sequential> connectors_; ///< empty ones where the features come as they are
};

Result<std::shared_ptr<Objective>> make_ab(const ObjectiveEntry& entry, const TermOptions& options,
                                           const TermContext& context) {
    if (std::string problem = pairs_problem(entry, context, /*vectors=*/true); !problem.empty())
        return features_refused(std::move(problem));
    return std::make_shared<Ab>(entry, options, context);
}

constexpr double leak = 0.1;

/// 3×3 convolution (or its transpose), batch norm and leaky ReLU for each step between two widths.
torch::nn::Sequential make_leaky_stack(const std::vector<std::int64_t>& widths, bool transposed) {
    torch::nn::Sequential stack;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
        if (transposed)
            stack->push_back(torch::nn::ConvTranspose2d(
                torch::nn::ConvTranspose2dOptions(widths[i], widths[i + 1], 3).padding(1)));
        else
            stack->push_back(
                torch::nn::Conv2d(torch::nn::Conv2dOptions(widths[i], widths[i + 1], 3).padding(1)));
        stack->push_back(torch::nn::BatchNorm2d(widths[i + 1]));
        stack->push_back(torch::nn::LeakyReLU(torch::nn::LeakyReLUOptions().negative_slope(leak)));
    }
    return stack;
}

/// Kim 2018: the paraphraser (encoder and decoder on the teacher's feature) learns alone in the initial
/// stage, then the student's translator aims at its factors.
class Ft final : public Objective {
  public:
    Ft(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : Objective(entry, std::move(options)) {
        if (option(adapter_option) == 0) return;
        const std::int64_t student = context.student_shapes[0][0], teacher = context.teacher_shapes[0][0];
        const auto factors = std::max<std::int64_t>(
            1, static_cast<std::int64_t>(static_cast<double>(teacher) * option("rate")));
        encoder_ = register_module("encoder", make_leaky_stack({teacher, teacher, factors, factors}, false));
        decoder_ = register_module("decoder", make_leaky_stack({factors, factors, teacher, teacher}, true));
        translator_ =
            register_module("translator", make_leaky_stack({student, student, factors, factors}, false));
    }

    torch::Tensor value(const TermInputs& in) override {
        auto [student, teacher] =
            at_smaller_size(translated(in.student_features[0]), paraphrased(in.teacher_features[0]));
        return (factor(student) - factor(teacher)).abs().pow(option("p2")).mean();
    }

    torch::Tensor initial_value(const TermInputs& in) override {
        if (!encoder_) return value(in);
        encoder_->train(in.training);
        decoder_->train(in.training);
        const torch::Tensor feature = in.teacher_features[0].detach();
        return (decoder_->forward(encoder_->forward(feature)) - feature).square().mean();
    }

    bool initial_stage_trains_student() const override { return !encoder_; }

  private:
    torch::Tensor translated(const torch::Tensor& feature) {
        return translator_ ? translator_->forward(feature) : feature;
    }

    /// The paraphraser rests here: neither a gradient nor batch norm's statistics reach it.
    torch::Tensor paraphrased(const torch::Tensor& feature) {
        const torch::NoGradGuard no_grad;
        if (!encoder_) return feature.detach();
        encoder_->eval();
        return encoder_->forward(feature);
    }

    /// One map a sample, [B, H·W], of length one.
    torch::Tensor factor(const torch::Tensor& feature) const {
        const torch::Tensor map = feature.pow(option("p1")).mean(1).flatten(1);
        return torch::nn::functional::normalize(map, torch::nn::functional::NormalizeFuncOptions().dim(1));
    }

    torch::nn::Sequential encoder_{nullptr}, decoder_{nullptr}, translator_{nullptr};
};

Result<std::shared_ptr<Objective>> make_ft(const ObjectiveEntry& entry, const TermOptions& options,
                                           const TermContext& context) {
    std::string problem = pairs_problem(entry, context, /*vectors=*/false);
    if (problem.empty() && context.student_shapes.size() > 1)
        problem = "ft compares one level; found " + std::to_string(context.student_shapes.size()) + ".";
    if (!problem.empty()) return features_refused(std::move(problem));
    return std::make_shared<Ft>(entry, options, context);
}

constexpr std::array terms{
    TermMaker{"fsp", make_fsp},
    TermMaker{"ab", make_ab},
    TermMaker{"ft", make_ft},
};

} // namespace

std::span<const TermMaker> staged_terms() {
    return terms;
}

} // namespace limbeck
