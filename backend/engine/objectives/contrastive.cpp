// SPDX-License-Identifier: GPL-3.0-or-later
// Contrast with a memory of other samples (Tian, Krishnan, Isola 2020).
#include "backend/engine/objectives/objective.h"

#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include <torch/torch.h>

#include "backend/engine/objectives/negatives.h"
#include "backend/engine/objectives/picture_terms.h"
#include "backend/types/random.h"

namespace limbeck {

namespace {

constexpr double probability_floor = 1e-7; ///< of the published code, keeps the logarithms finite

std::int64_t values_of(const std::vector<std::int64_t>& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

torch::Tensor unit_rows(const torch::Tensor& rows) {
    return torch::nn::functional::normalize(rows, torch::nn::functional::NormalizeFuncOptions().dim(1));
}

/// Two banks, uniform in ±1/√(width/3), from a stream of their own.
torch::Tensor draw_bank(std::int64_t samples, std::int64_t width, std::uint64_t seed, std::uint64_t which) {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(stream_seed(seed, "objective.bank", which));
    const double bound = 1 / std::sqrt(static_cast<double>(width) / 3);
    return torch::empty({samples, width}).uniform_(-bound, bound, generator);
}

class Crd final : public Objective {
  public:
    Crd(const ObjectiveEntry& entry, TermOptions options, const TermContext& context, Negatives negatives)
        : Objective(entry, std::move(options)), negatives_(std::move(negatives)), seed_(context.seed) {
        const auto width = static_cast<std::int64_t>(option("embedding"));
        embed_student_ =
            register_module("embed_student", torch::nn::Linear(values_of(context.student_shapes[0]), width));
        embed_teacher_ =
            register_module("embed_teacher", torch::nn::Linear(values_of(context.teacher_shapes[0]), width));
        bank_student_ = register_buffer("bank_student", draw_bank(context.samples, width, seed_, 0));
        bank_teacher_ = register_buffer("bank_teacher", draw_bank(context.samples, width, seed_, 1));
        // Z of the student's and of the teacher's side; 0 until the first batch has set them.
        normalisation_ = register_buffer("normalisation", torch::zeros({2}));
    }

    torch::Tensor value(const TermInputs& in) override {
        TORCH_CHECK(in.sample_ids.defined(), "crd needs to know which samples a batch holds");
        const torch::Tensor student = unit_rows(embed_student_->forward(in.student_features[0].flatten(1)));
        const torch::Tensor teacher =
            unit_rows(embed_teacher_->forward(in.teacher_features[0].detach().flatten(1)));
        const torch::Tensor ids = in.sample_ids.to(student.device());
        const torch::Tensor columns = // [B, 1 + K]: the sample itself first
            negatives_
                .draw(in.sample_ids.cpu(),
                      stream_seed(seed_, "objective", static_cast<std::uint64_t>(in.step)))
                .to(student.device());
        const torch::Tensor sum = contrast(student, bank_teacher_, columns, 0, in.training) +
                                  contrast(teacher, bank_student_, columns, 1, in.training);
        if (in.training) {
            remember(bank_student_, ids, student);
            remember(bank_teacher_, ids, teacher);
        }
        return sum;
    }

    bool can_be_evaluated() const override { return false; }

    /// The negatives are drawn on the host, anew in every step.
    bool capturable() const override { return false; }

    std::int64_t bank_bytes() const override {
        return static_cast<std::int64_t>(bank_student_.nbytes() + bank_teacher_.nbytes());
    }

  private:
    /// −mean over the batch of log h of the positive and log(1 − h) of every negative, where
    /// h = g / (g + K/N) and g = exp(e·b/τ) / Z (Tian 2020, equations 7 to 10).
    torch::Tensor contrast(const torch::Tensor& embedded, const torch::Tensor& bank,
                           const torch::Tensor& columns, std::int64_t side, bool training) {
        // The products with the whole bank are far smaller than K copies of its rows for each sample. The
        // bank is renewed before the backward pass, which needs it as it is now.
        const torch::Tensor memory = training ? bank.clone() : bank;
        const torch::Tensor scores = (embedded.matmul(memory.t()).gather(1, columns) / option("tau")).exp();
        const auto samples = static_cast<double>(negatives_.trained());
        const torch::Tensor g = scores / normalisation(scores.detach().mean() * samples, side, training);
        const double noise = static_cast<double>(columns.size(1) - 1) / samples;
        const torch::Tensor positive = g.select(1, 0), negative = g.slice(1, 1);
        const torch::Tensor hit = (positive / (positive + (noise + probability_floor))).log().sum();
        const torch::Tensor miss = (noise / (negative + (noise + probability_floor))).log().sum();
        return -(hit + miss) / static_cast<double>(embedded.size(0));
    }

    /// Chosen on the device, without waiting for it.
    torch::Tensor normalisation(const torch::Tensor& estimate, std::int64_t side, bool training) {
        const torch::NoGradGuard no_grad;
        const torch::Tensor kept = normalisation_.select(0, side);
        const torch::Tensor chosen = torch::where(kept > 0, kept, estimate.to(kept.scalar_type()));
        if (training) kept.copy_(chosen);
        return chosen;
    }

    void remember(torch::Tensor& bank, const torch::Tensor& ids, const torch::Tensor& embedded) {
        const torch::NoGradGuard no_grad;
        const double momentum = option("momentum");
        bank.index_copy_(0, ids, unit_rows(bank.index_select(0, ids) * momentum + embedded * (1 - momentum)));
    }

    Negatives negatives_;
    std::uint64_t seed_;
    torch::nn::Linear embed_student_{nullptr}, embed_teacher_{nullptr};
    torch::Tensor bank_student_, bank_teacher_, normalisation_;
};

Result<std::shared_ptr<Objective>> make_crd(const ObjectiveEntry& entry, const TermOptions& options,
                                            const TermContext& context) {
    if (context.student_shapes.size() != 1 || context.teacher_shapes.size() != 1)
        return features_refused("crd compares one feature of each side, the pooled vector; found " +
                                std::to_string(context.student_shapes.size()) + " of the student and " +
                                std::to_string(context.teacher_shapes.size()) + " of the teacher.");
    auto negatives = Negatives::make(context, static_cast<std::int64_t>(options.at("nce_k")));
    if (!negatives) return tl::unexpected<Error>(negatives.error());
    return std::make_shared<Crd>(entry, options, context, std::move(*negatives));
}

constexpr std::array terms{TermMaker{"crd", make_crd}};

} // namespace

std::span<const TermMaker> contrastive_terms() {
    return terms;
}

} // namespace limbeck
