// SPDX-License-Identifier: GPL-3.0-or-later
// Terms of the answers that take the class of the label and the others apart, that compare by correlation, or
// that learn their temperature.
#include <array>
#include <cmath>
#include <numbers>

#include "backend/engine/objectives/softened.h"

namespace limbeck {

namespace {

/// log(1 − p_y) as the log of the sum of the others: exact where p_y rounds to 1. [B]
torch::Tensor log_rest(const torch::Tensor& log_p, const torch::Tensor& is_label) {
    return torch::logsumexp(log_p.masked_fill(is_label, -INFINITY), 1);
}

torch::Tensor label_mask(const torch::Tensor& logits, const torch::Tensor& labels) {
    return torch::zeros_like(logits, torch::TensorOptions(torch::kBool))
        .scatter(1, labels.unsqueeze(1), true);
}

/// Log-probabilities over the classes other than the label, [B, C − 1]. Gathered by their numbers: a
/// selection by a mask would wait for the device to say how many there are.
torch::Tensor log_others(const torch::Tensor& logits, const torch::Tensor& labels) {
    const auto place = torch::arange(logits.size(1) - 1, labels.options()).unsqueeze(0);
    return torch::log_softmax(logits.gather(1, place + place.ge(labels.unsqueeze(1))), 1);
}

/// T² [α KL(b_t ‖ b_s) + β KL(p̂ ‖ q̂)], b = (p_y, 1 − p_y), hats: softmax over the classes other than y (Zhao,
/// Cui, Song, Qiu, Liang 2022, equation 7). With two classes the second part is 0: there is one other class.
torch::Tensor dkd(const TermInputs& in, const Objective& term) {
    const Factor scale = term.softening();
    const bool standardise = term.option("standardize") != 0;
    const auto prepared = [&](const torch::Tensor& logits) {
        return (standardise ? standardised(logits) : logits) * scale;
    };
    const auto student = prepared(in.student_logits), teacher = prepared(in.teacher_logits.detach());
    const auto is_label = label_mask(student, in.labels);
    const auto binary = [&](const torch::Tensor& logits) {
        const auto log_p = torch::log_softmax(logits, 1);
        return torch::stack({log_p.gather(1, in.labels.unsqueeze(1)).squeeze(1), log_rest(log_p, is_label)},
                            1);
    };
    const auto target = mean_kl(binary(teacher), binary(student));
    const auto others = mean_kl(log_others(teacher, in.labels), log_others(student, in.labels));
    return scaled(term.option("alpha") * target + term.option("beta") * others, term);
}

/// −mean P_y log Q_y − γ T² mean Σ_{c≠y} p̂ log q̂ (Yang et al. 2023, equation 9); P_y, Q_y at temperature 1.
torch::Tensor nkd(const TermInputs& in, const Objective& term) {
    const auto label = in.labels.unsqueeze(1);
    const auto [log_q, log_p] = soften(in.student_logits, in.teacher_logits, 1);
    const auto target = -(log_p.gather(1, label).exp() * log_q.gather(1, label)).mean();
    const Factor scale = term.softening();
    const auto others_p = log_others(in.teacher_logits.detach() * scale, in.labels);
    const auto others_q = log_others(in.student_logits * scale, in.labels);
    return target + scaled(-term.option("gamma") * (others_p.exp() * others_q).sum(1).mean(), term);
}

/// 1 − mean of Pearson's correlation of the rows, 1e-8 on the denominator.
torch::Tensor distance_of_rows(const torch::Tensor& a, const torch::Tensor& b) {
    const auto x = a - a.mean(1, true), y = b - b.mean(1, true);
    // Norms from a root whose derivative at 0 is 0: a row without any spread correlates with nothing.
    const auto norm = [](const torch::Tensor& rows) {
        const auto square = rows.square().sum(1);
        const auto none = square.eq(0);
        return square.masked_fill(none, 1).sqrt().masked_fill(none, 0);
    };
    return 1 - ((x * y).sum(1) / (norm(x) * norm(y) + 1e-8)).mean();
}

/// τ² [β (1 − mean row Pearson) + γ (1 − mean column Pearson)] of softmax(z/τ) (Huang, You, Wang, Qian, Xu
/// 2022, equations 8 to 10).
torch::Tensor dist(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    const auto q = log_q.exp(), p = log_p.exp();
    return scaled(term.option("beta") * distance_of_rows(q, p) +
                      term.option("gamma") * distance_of_rows(q.t(), p.t()),
                  term);
}

/// x forwards, its gradient times −share backwards (Ganin, Lempitsky 2015).
class Reversed : public torch::autograd::Function<Reversed> {
  public:
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                                 double share) {
        context->saved_data["share"] = share;
        return x.clone();
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        return {gradients[0] * -context->saved_data["share"].toDouble(), torch::Tensor()};
    }
};

/// kd with a learned temperature 1 + 20 σ(θ) that makes the task harder, not easier: its gradient is
/// reversed, and grows along half a cosine over the first epochs (Li et al. 2023, equations 4 to 6; global
/// temperature).
class CurriculumKd final : public Objective {
  public:
    CurriculumKd(const ObjectiveEntry& entry, TermOptions options)
        : Objective(entry, std::move(options))
        , theta_(register_parameter("theta", torch::full({}, option("theta")))) {}

    torch::Tensor value(const TermInputs& in) override {
        const double ramp_epochs = option("ramp_epochs");
        const double done = ramp_epochs > 0 ? std::min(in.epoch / ramp_epochs, 1.0) : 1.0;
        const double share = (1 - std::cos(std::numbers::pi * done)) / 2;
        const auto temperature = 1 + 20 * torch::sigmoid(Reversed::apply(theta_, share));
        last_ = temperature.detach();
        const auto log_q = torch::log_softmax(in.student_logits / temperature, 1);
        const auto log_p = torch::log_softmax(in.teacher_logits.detach() / temperature, 1);
        return temperature.square() * mean_kl(log_p, log_q);
    }

    /// The share of the gradient that is reversed follows the epochs.
    bool capturable() const override { return false; }

    std::vector<std::pair<std::string, torch::Tensor>> readings() const override {
        return {{"temperature", last_}};
    }

  private:
    torch::Tensor theta_;
    torch::Tensor last_;
};

Result<std::shared_ptr<Objective>> make_ctkd(const ObjectiveEntry& entry, const TermOptions& options,
                                             const TermContext&) {
    return std::make_shared<CurriculumKd>(entry, options);
}

constexpr std::array terms{
    TermMaker{"dkd", make_plain<dkd>},
    TermMaker{"nkd", make_plain<nkd>},
    TermMaker{"dist", make_plain<dist>},
    TermMaker{"ctkd", make_ctkd},
};

} // namespace

std::span<const TermMaker> decoupled_terms() {
    return terms;
}

} // namespace limbeck
