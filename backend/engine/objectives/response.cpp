// SPDX-License-Identifier: GPL-3.0-or-later
// Terms made from the answers alone that compare whole distributions.
#include <array>
#include <cmath>

#include "backend/engine/objectives/softened.h"

namespace limbeck {

namespace {

/// mean_B Σ_c p (log p − log q) (Hinton, Vinyals, Dean 2015).
torch::Tensor kd(const TermInputs& in, const Objective& term) {
    const bool standardise = term.option("standardize") != 0;
    const auto [log_q, log_p] = standardise
                                    ? soften(standardised(in.student_logits),
                                             standardised(in.teacher_logits.detach()), term.softening())
                                    : soften(in, term);
    return scaled(mean_kl(log_p, log_q), term);
}

/// mean_B Σ_c −p log q: kd plus the teacher's entropy, so with kd's gradient.
torch::Tensor soft_ce(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled(-(log_p.exp() * log_q).sum(1).mean(), term);
}

/// Mean over B·C of (s/T − t/T)² (Ba and Caruana 2014).
torch::Tensor mse_logits(const TermInputs& in, const Objective& term) {
    return ((in.student_logits - in.teacher_logits.detach()) * term.softening()).square().mean();
}

/// mean_B KL(Q ‖ P).
torch::Tensor reverse_kl(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled(mean_kl(log_q, log_p), term);
}

/// M = βP + (1 − β)Q; β KL(P ‖ M) + (1 − β) KL(Q ‖ M); β = 0 is defined as KL(P ‖ Q), β = 1 as KL(Q ‖ P)
/// (Agarwal et al. 2024, equation 1 and the limits named after it).
torch::Tensor jsd(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    const double beta = term.option("beta");
    if (beta == 0) return scaled(mean_kl(log_p, log_q), term);
    if (beta == 1) return scaled(mean_kl(log_q, log_p), term);
    const auto log_m = log_mixture(log_p, log_q, beta);
    return scaled(beta * mean_kl(log_p, log_m) + (1 - beta) * mean_kl(log_q, log_m), term);
}

/// KL(P ‖ λP + (1 − λ)Q) (Ko, Kim, Chen, Yun 2024, equation 2).
torch::Tensor skew_kl(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled(mean_kl(log_p, log_mixture(log_p, log_q, term.option("lambda"))), term);
}

/// KL(Q ‖ (1 − λ)P + λQ) (the same, equation 4).
torch::Tensor skew_reverse_kl(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled(mean_kl(log_q, log_mixture(log_q, log_p, term.option("lambda"))), term);
}

/// ½ Σ |P − Q|.
torch::Tensor tvd(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled(0.5 * (log_p.exp() - log_q.exp()).abs().sum(1).mean(), term);
}

/// CE against the teacher's argmax, (1 − ε) on it and ε spread evenly over all classes (Szegedy et al. 2016).
torch::Tensor label_only(const TermInputs& in, const Objective& term) {
    return torch::cross_entropy_loss(in.student_logits, in.teacher_logits.detach().argmax(1), {},
                                     at::Reduction::Mean, -100, term.option("smoothing"));
}

/// kd on the teacher's k best classes and one bucket that holds the rest.
torch::Tensor top_k(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    const auto k = static_cast<std::int64_t>(term.option("k"));
    if (k >= log_p.size(1)) return scaled(mean_kl(log_p, log_q), term); // nothing is left for the bucket
    const auto order = in.teacher_logits.detach().argsort(1, true);
    const auto best = order.narrow(1, 0, k), rest = order.narrow(1, k, order.size(1) - k);
    const auto bucketed = [&](const torch::Tensor& log_x) {
        return torch::cat({log_x.gather(1, best), torch::logsumexp(log_x.gather(1, rest), 1, true)}, 1);
    };
    return scaled(mean_kl(bucketed(log_p), bucketed(log_q)), term);
}

/// Σ_T [kd_T + ‖PPᵀ − QQᵀ‖²_F / B + ‖PᵀP − QᵀQ‖²_F / C], P and Q at that T = 2, 3, 4, 5, 6 (Jin, Wang, Lin
/// 2023, equations 3 to 7). The published code adds weak and strong views and confidence masks; this does
/// not.
torch::Tensor mlkd(const TermInputs& in, const Objective&) {
    torch::Tensor total;
    for (const double temperature : {2.0, 3.0, 4.0, 5.0, 6.0}) {
        const auto [log_q, log_p] = soften(in.student_logits, in.teacher_logits, temperature);
        const auto q = log_q.exp(), p = log_p.exp();
        const auto batch = (p.mm(p.t()) - q.mm(q.t())).square().sum() / static_cast<double>(p.size(0));
        const auto classes = (p.t().mm(p) - q.t().mm(q)).square().sum() / static_cast<double>(p.size(1));
        const auto one = temperature * temperature * mean_kl(log_p, log_q) + batch + classes;
        total = total.defined() ? total + one : one;
    }
    return total;
}

constexpr std::array terms{
    TermMaker{"kd", make_plain<kd>},
    TermMaker{"soft-ce", make_plain<soft_ce>},
    TermMaker{"mse-logits", make_plain<mse_logits>},
    TermMaker{"reverse-kl", make_plain<reverse_kl>},
    TermMaker{"jsd", make_plain<jsd>},
    TermMaker{"skew-kl", make_plain<skew_kl>},
    TermMaker{"skew-reverse-kl", make_plain<skew_reverse_kl>},
    TermMaker{"tvd", make_plain<tvd>},
    TermMaker{"label-only", make_plain<label_only>},
    TermMaker{"top-k", make_plain<top_k>},
    TermMaker{"mlkd", make_plain<mlkd>},
};

} // namespace

std::span<const TermMaker> response_terms() {
    return terms;
}

} // namespace limbeck
