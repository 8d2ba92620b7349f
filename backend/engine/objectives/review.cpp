// SPDX-License-Identifier: GPL-3.0-or-later
// Knowledge review (Chen, Liu, Zhao, Jia 2021) and its loss; the table also has simkd of simkd.cpp.
#include "backend/engine/objectives/objective.h"

#include <array>

#include <torch/torch.h>

#include "backend/engine/objectives/picture_terms.h"
#include "backend/engine/objectives/simkd.h"

namespace limbeck {

namespace {

/// Mean squared difference of one level at its own size and, pooled, at 4×4, 2×2 and 1×1 where it is larger;
/// each coarser one counts half, and the weights are divided by their sum.
torch::Tensor context_loss(const torch::Tensor& student, const torch::Tensor& teacher) {
    torch::Tensor sum = (student - teacher).square().mean();
    double weight = 1, weights = 1;
    if (student.dim() == 4) {
        for (const std::int64_t side : {4, 2, 1}) {
            if (side >= student.size(2)) continue;
            weight /= 2;
            weights += weight;
            sum = sum +
                  (pooled_to(student, side, side) - pooled_to(teacher, side, side)).square().mean() * weight;
        }
    }
    return sum / weights;
}

class HierarchicalContext final : public Objective {
  public:
    using Objective::Objective;

    torch::Tensor value(const TermInputs& in) override {
        torch::Tensor sum;
        for (std::size_t i = 0; i < in.student_features.size(); ++i) {
            const auto [student, teacher] =
                at_smaller_size(in.student_features[i], in.teacher_features[i].detach());
            const torch::Tensor term = context_loss(student, teacher);
            sum = sum.defined() ? sum + term : term;
        }
        return sum;
    }
};

Result<std::shared_ptr<Objective>> make_context_loss(const ObjectiveEntry& entry, const TermOptions& options,
                                                     const TermContext& context) {
    std::string problem = pairs_problem(entry, context, /*vectors=*/true);
    if (problem.empty())
        problem = channels_problem(entry, context, "Choose reviewkd, whose fusion adapts the channels.");
    if (!problem.empty()) return features_refused(std::move(problem));
    return std::make_shared<HierarchicalContext>(entry, options);
}

torch::Tensor as_picture(const torch::Tensor& feature) {
    return feature.dim() == 2 ? feature.unsqueeze(2).unsqueeze(3) : feature;
}

/// To the nearest neighbour, as the paper enlarges.
torch::Tensor resized(const torch::Tensor& picture, std::int64_t height, std::int64_t width) {
    if (picture.size(2) == height && picture.size(3) == width) return picture;
    return torch::upsample_nearest2d(picture, std::vector<std::int64_t>{height, width});
}

torch::nn::Sequential convolution_and_norm(std::int64_t in, std::int64_t out, std::int64_t side) {
    return torch::nn::Sequential(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).padding(side / 2).bias(false)),
        torch::nn::BatchNorm2d(out));
}

/// Attention-based fusion (figure 3b): one level of the student with what came from the deeper ones.
class Fusion final : public torch::nn::Module {
  public:
    Fusion(std::int64_t student, std::int64_t middle, std::int64_t teacher, bool fuses)
        : narrow_(register_module("narrow", convolution_and_norm(student, middle, 1)))
        , widen_(register_module("widen", convolution_and_norm(middle, teacher, 3))) {
        if (fuses)
            attention_ =
                register_module("attention", torch::nn::Conv2d(torch::nn::Conv2dOptions(2 * middle, 2, 1)));
    }

    /// What is compared with `teacher`; replaces `deeper` by what goes to the next level, at teacher's size.
    torch::Tensor forward(const torch::Tensor& level, torch::Tensor& deeper, const torch::Tensor& teacher) {
        torch::Tensor x = narrow_->forward(level);
        if (attention_) {
            const torch::Tensor y = resized(deeper, x.size(2), x.size(3));
            const torch::Tensor shares = attention_->forward(torch::cat({x, y}, 1)).sigmoid();
            x = x * shares.slice(1, 0, 1) + y * shares.slice(1, 1, 2);
        }
        deeper = resized(x, teacher.size(2), teacher.size(3));
        return widen_->forward(deeper);
    }

  private:
    torch::nn::Sequential narrow_, widen_;
    torch::nn::Conv2d attention_{nullptr};
};

class Review final : public Objective {
  public:
    Review(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : Objective(entry, std::move(options)) {
        const std::size_t levels = context.student_shapes.size();
        // The published choice for the width between the convolutions.
        const auto middle = std::min<std::int64_t>(512, context.student_shapes.back().front());
        for (std::size_t i = 0; i < levels; ++i)
            fusions_.push_back(
                register_module("fusion" + std::to_string(i),
                                std::make_shared<Fusion>(context.student_shapes[i].front(), middle,
                                                         context.teacher_shapes[i].front(), i + 1 < levels)));
    }

    torch::Tensor value(const TermInputs& in) override {
        torch::Tensor sum, deeper;
        for (std::size_t i = fusions_.size(); i-- > 0;) {
            const torch::Tensor teacher = as_picture(in.teacher_features[i].detach());
            const torch::Tensor student =
                fusions_[i]->forward(as_picture(in.student_features[i]), deeper, teacher);
            const torch::Tensor term = context_loss(student, teacher);
            sum = sum.defined() ? sum + term : term;
        }
        return sum;
    }

  private:
    std::vector<std::shared_ptr<Fusion>> fusions_; ///< from shallow to deep, as the taps
};

Result<std::shared_ptr<Objective>> make_review(const ObjectiveEntry& entry, const TermOptions& options,
                                               const TermContext& context) {
    if (std::string problem = pairs_problem(entry, context, /*vectors=*/true); !problem.empty())
        return features_refused(std::move(problem));
    return std::make_shared<Review>(entry, options, context);
}

constexpr std::array terms{
    TermMaker{"reviewkd", make_review},
    TermMaker{"reviewkd-hcl", make_context_loss},
    TermMaker{"simkd", make_simkd},
};

} // namespace

std::span<const TermMaker> review_terms() {
    return terms;
}

} // namespace limbeck
