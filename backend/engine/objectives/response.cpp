// SPDX-License-Identifier: GPL-3.0-or-later
// Terms made from the answers alone. Everything is computed from log-softmax, never from log(softmax): it
// stays finite for any finite logits.
#include "backend/engine/objectives/objective.h"

#include <array>

#include <torch/torch.h>

namespace limbeck {

namespace {

/// Log-probabilities of student and teacher, [B, C], softened by the temperature.
struct Softened {
    torch::Tensor student, teacher;
};

Softened soften(const TermInputs& in, const Objective& term) {
    const double scale = 1 / term.option("temperature");
    return {torch::log_softmax(in.student_logits * scale, 1),
            torch::log_softmax(in.teacher_logits.detach() * scale, 1)};
}

torch::Tensor scaled(const torch::Tensor& value, const Objective& term) {
    const double temperature = term.option("temperature");
    return term.option("t_squared") != 0 ? value * (temperature * temperature) : value;
}

/// mean_B Σ_c p (log p − log q) (Hinton, Vinyals, Dean 2015).
torch::Tensor kd(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled((log_p.exp() * (log_p - log_q)).sum(1).mean(), term);
}

/// mean_B Σ_c −p log q: kd plus the teacher's entropy, so with kd's gradient.
torch::Tensor soft_ce(const TermInputs& in, const Objective& term) {
    const auto [log_q, log_p] = soften(in, term);
    return scaled(-(log_p.exp() * log_q).sum(1).mean(), term);
}

/// Mean over B·C of (s/T − t/T)² (Ba and Caruana 2014).
torch::Tensor mse_logits(const TermInputs& in, const Objective& term) {
    const double scale = 1 / term.option("temperature");
    return ((in.student_logits - in.teacher_logits.detach()) * scale).square().mean();
}

constexpr std::array terms{
    TermMaker{"kd", make_plain<kd>},
    TermMaker{"soft-ce", make_plain<soft_ce>},
    TermMaker{"mse-logits", make_plain<mse_logits>},
};

} // namespace

std::span<const TermMaker> response_terms() {
    return terms;
}

} // namespace limbeck
