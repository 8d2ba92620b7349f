// SPDX-License-Identifier: GPL-3.0-or-later
// Features compared value by value, through adapters that learn along with the student.
#include <array>
#include <cmath>

#include "backend/engine/objectives/shapes.h"

namespace limbeck {

namespace {

using Shape = std::vector<std::int64_t>;

/// Taps of one kind on both sides: pictures with pictures, vectors with vectors.
Result<void> require_one_kind(const ObjectiveEntry& entry, const TermContext& context) {
    for (std::size_t i = 0; i < context.student_shapes.size(); ++i) {
        const Shape &student = context.student_shapes[i], &teacher = context.teacher_shapes[i];
        if (student.size() != teacher.size())
            return misfit(entry,
                          "compares pictures with pictures and vectors with vectors; the student's tap is " +
                              shape_text(student) + ", the teacher's " + shape_text(teacher) +
                              ". Choose taps of one kind.");
    }
    return {};
}

Result<void> require_equal_channels(const ObjectiveEntry& entry, const TermContext& context) {
    for (std::size_t i = 0; i < context.student_shapes.size(); ++i) {
        const Shape &student = context.student_shapes[i], &teacher = context.teacher_shapes[i];
        if (student[0] != teacher[0])
            return misfit(entry, "without an adapter needs equal widths; the student's tap is " +
                                     shape_text(student) + ", the teacher's " + shape_text(teacher) +
                                     ". Set adapter=1, or choose other taps.");
    }
    return {};
}

/// A deconvolution to exactly the teacher's size where that is the larger: (n − 1) · stride + kernel. A side
/// that need not grow keeps its size.
torch::nn::ConvTranspose2d growing(const Shape& student, const Shape& teacher) {
    std::array<std::int64_t, 2> stride{1, 1}, kernel{1, 1};
    for (const std::size_t side : {0u, 1u}) {
        const std::int64_t from = student[side + 1], to = teacher[side + 1];
        if (to <= from) continue;
        stride[side] = to / from;
        kernel[side] = to - (from - 1) * stride[side];
    }
    return torch::nn::ConvTranspose2d(
        torch::nn::ConvTranspose2dOptions(student[0], teacher[0], {kernel[0], kernel[1]})
            .stride({stride[0], stride[1]}));
}

/// From the student's shape to the teacher's: a convolution, a deconvolution where the student's picture is
/// smaller, a linear layer for vectors; batch norm and ReLU (Romero et al. 2015; sizes as in RepDistiller).
torch::nn::Sequential regressor(const Shape& student, const Shape& teacher) {
    namespace nn = torch::nn;
    nn::Sequential layers;
    if (student.size() == 1) {
        layers->push_back(nn::Linear(student[0], teacher[0]));
        layers->push_back(nn::BatchNorm1d(teacher[0]));
    } else {
        const bool grows = teacher[1] > student[1] || teacher[2] > student[2];
        if (student[1] == 2 * teacher[1])
            layers->push_back(nn::Conv2d(nn::Conv2dOptions(student[0], teacher[0], 3).stride(2).padding(1)));
        else if (teacher[1] == 2 * student[1] && teacher[2] == 2 * student[2])
            layers->push_back(nn::ConvTranspose2d(
                nn::ConvTranspose2dOptions(student[0], teacher[0], 4).stride(2).padding(1)));
        else if (grows)
            layers->push_back(growing(student, teacher));
        else
            layers->push_back(nn::Conv2d(nn::Conv2dOptions(student[0], teacher[0], 1)));
        layers->push_back(nn::BatchNorm2d(teacher[0]));
    }
    layers->push_back(nn::ReLU());
    return layers;
}

/// Mean squared difference after the regressor (Romero et al. 2015, equation 3).
class Hint final : public Objective {
  public:
    Hint(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : Objective(entry, std::move(options)) {
        if (option(adapter_option) == 0) return;
        for (std::size_t i = 0; i < context.student_shapes.size(); ++i)
            regressors_.push_back(
                register_module("regressor" + std::to_string(i),
                                regressor(context.student_shapes[i], context.teacher_shapes[i])));
    }

    torch::Tensor value(const TermInputs& in) override {
        torch::Tensor sum;
        for (std::size_t i = 0; i < in.student_features.size(); ++i) {
            auto s = in.student_features[i], t = in.teacher_features[i].detach();
            if (!regressors_.empty()) s = regressors_[i]->forward(s);
            if (s.dim() == 4) meet(s, t);
            const auto one = (s - t).square().mean();
            sum = sum.defined() ? sum + one : one;
        }
        return sum;
    }

  private:
    std::vector<torch::nn::Sequential> regressors_;
};

Result<std::shared_ptr<Objective>> make_hint(const ObjectiveEntry& entry, const TermOptions& options,
                                             const TermContext& context) {
    if (auto fits = require_one_kind(entry, context); !fits) return tl::unexpected(fits.error());
    if (options.at("adapter") == 0)
        if (auto fits = require_equal_channels(entry, context); !fits) return tl::unexpected(fits.error());
    return std::make_shared<Hint>(entry, options, context);
}

/// Correlation congruence: Σ_d |Δ_i| · |Δ_{i+1}|, Δ the difference of both embeddings, averaged over
/// neighbours of the batch (Peng et al. 2019; the form of its published code).
class CorrelationCongruence final : public Objective {
  public:
    CorrelationCongruence(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : Objective(entry, std::move(options)) {
        if (option(adapter_option) == 0) return;
        const auto values = [](const Shape& shape) {
            std::int64_t product = 1;
            for (const auto n : shape)
                product *= n;
            return product;
        };
        const auto width = static_cast<std::int64_t>(option("embedding"));
        for (std::size_t i = 0; i < context.student_shapes.size(); ++i) {
            student_.push_back(register_module("student" + std::to_string(i),
                                               torch::nn::Linear(values(context.student_shapes[i]), width)));
            teacher_.push_back(register_module("teacher" + std::to_string(i),
                                               torch::nn::Linear(values(context.teacher_shapes[i]), width)));
        }
    }

    torch::Tensor value(const TermInputs& in) override {
        torch::Tensor sum;
        for (std::size_t i = 0; i < in.student_features.size(); ++i) {
            auto s = in.student_features[i].flatten(1), t = in.teacher_features[i].detach().flatten(1);
            if (!student_.empty()) s = student_[i]->forward(s), t = teacher_[i]->forward(t);
            const auto difference = (s - t).abs();
            const auto n = difference.size(0) - 1;
            const auto one = (difference.narrow(0, 0, n) * difference.narrow(0, 1, n)).sum(1).mean();
            sum = sum.defined() ? sum + one : one;
        }
        return sum;
    }

  private:
    std::vector<torch::nn::Linear> student_, teacher_;
};

Result<std::shared_ptr<Objective>> make_cc(const ObjectiveEntry& entry, const TermOptions& options,
                                           const TermContext& context) {
    if (options.at("adapter") == 0)
        for (std::size_t i = 0; i < context.student_shapes.size(); ++i)
            if (context.student_shapes[i] != context.teacher_shapes[i])
                return misfit(entry, "without an adapter needs equal shapes; the student's tap is " +
                                         shape_text(context.student_shapes[i]) + ", the teacher's " +
                                         shape_text(context.teacher_shapes[i]) +
                                         ". Set adapter=1, or choose other taps.");
    return std::make_shared<CorrelationCongruence>(entry, options, context);
}

/// One level of vid: three 1×1 convolutions with ReLU between (linear layers for vectors) and one θ a
/// channel.
class Variational final : public torch::nn::Module {
  public:
    Variational(const Shape& student, const Shape& teacher, double variance)
        : regressor_(layers(student, teacher)) {
        register_module("regressor", regressor_);
        // softplus(θ) + 1e-5 = variance
        const double start = std::log(std::expm1(variance - least));
        log_scale_ = register_parameter("log_scale", torch::full({teacher[0]}, start));
    }

    torch::Tensor forward(torch::Tensor s, torch::Tensor t) {
        if (s.dim() == 4) meet(s, t);
        const auto mean = regressor_->forward(s);
        auto variance = torch::softplus(log_scale_) + least;
        if (t.dim() == 4) variance = variance.view({1, -1, 1, 1});
        return (0.5 * ((mean - t).square() / variance + variance.log())).mean();
    }

  private:
    static constexpr double least = 1e-5;

    static torch::nn::Sequential layers(const Shape& student, const Shape& teacher) {
        namespace nn = torch::nn;
        const auto one = [&](std::int64_t in) -> nn::AnyModule {
            if (student.size() == 1)
                return nn::AnyModule(nn::Linear(nn::LinearOptions(in, teacher[0]).bias(false)));
            return nn::AnyModule(nn::Conv2d(nn::Conv2dOptions(in, teacher[0], 1).bias(false)));
        };
        nn::Sequential made;
        made->push_back(one(student[0]));
        made->push_back(nn::ReLU());
        made->push_back(one(teacher[0]));
        made->push_back(nn::ReLU());
        made->push_back(one(teacher[0]));
        return made;
    }

    torch::nn::Sequential regressor_;
    torch::Tensor log_scale_;
};

/// −log of a Gaussian around the regression of the teacher's feature: mean ½[(μ(s) − t)²/σ² + log σ²]
/// (Ahn, Hu, Damianou, Lawrence, Dai 2019, equation 5, without the constant).
class Vid final : public Objective {
  public:
    Vid(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : Objective(entry, std::move(options)) {
        const double variance = option("init_variance");
        const std::size_t count = context.student_shapes.size();
        for (std::size_t i = 0; i < count; ++i) {
            auto level =
                std::make_shared<Variational>(context.student_shapes[i], context.teacher_shapes[i], variance);
            levels_.push_back(level);
            if (count > 1) {
                register_module("level" + std::to_string(i), level);
                continue;
            }
            // A single level bears the published names itself.
            for (const auto& child : level->named_children())
                register_module(child.key(), child.value());
            register_parameter("log_scale", level->named_parameters(false)["log_scale"]);
        }
    }

    torch::Tensor value(const TermInputs& in) override {
        torch::Tensor sum;
        for (std::size_t i = 0; i < levels_.size(); ++i) {
            const auto one = levels_[i]->forward(in.student_features[i], in.teacher_features[i].detach());
            sum = sum.defined() ? sum + one : one;
        }
        return sum;
    }

  private:
    std::vector<std::shared_ptr<Variational>> levels_;
};

Result<std::shared_ptr<Objective>> make_vid(const ObjectiveEntry& entry, const TermOptions& options,
                                            const TermContext& context) {
    if (auto fits = require_one_kind(entry, context); !fits) return tl::unexpected(fits.error());
    return std::make_shared<Vid>(entry, options, context);
}

constexpr std::array terms{
    TermMaker{"hint", make_hint},
    TermMaker{"cc", make_cc},
    TermMaker{"vid", make_vid},
};

} // namespace

std::span<const TermMaker> feature_terms() {
    return terms;
}

} // namespace limbeck
