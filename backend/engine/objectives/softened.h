// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"

/// What the terms of the answers have in common. Everything is computed from log-softmax, never from
/// log(softmax): it stays finite for any finite logits.
namespace limbeck {

/// Log-probabilities of student (log q) and teacher (log p), [B, C], softened by a temperature.
struct Softened {
    torch::Tensor student, teacher;
};

inline Softened soften(const torch::Tensor& student, const torch::Tensor& teacher, const Factor& softening) {
    return {torch::log_softmax(student * softening, 1), torch::log_softmax(teacher.detach() * softening, 1)};
}

inline Softened soften(const torch::Tensor& student, const torch::Tensor& teacher, double temperature) {
    return soften(student, teacher, Factor{1 / temperature});
}

inline Softened soften(const TermInputs& in, const Objective& term) {
    return soften(in.student_logits, in.teacher_logits, term.softening());
}

/// z = (x − mean) / (1e-7 + std) of each row, std unbiased (Sun, Ren, Cong, Wang, Lu 2024, equation 6).
inline torch::Tensor standardised(const torch::Tensor& logits) {
    const auto centred = logits - logits.mean(1, true);
    // The derivative of std at 0 is infinite: rows of equal logits get the deviation 0 without one.
    const auto variance = centred.square().sum(1, true) / static_cast<double>(logits.size(1) - 1);
    const auto flat = variance.eq(0);
    const auto deviation = variance.masked_fill(flat, 1).sqrt().masked_fill(flat, 0);
    return centred / (deviation + 1e-7);
}

/// Times T², where the option says so.
inline torch::Tensor scaled(const torch::Tensor& value, const Objective& term) {
    return term.option("t_squared") != 0 ? value * term.temperature_squared() : value;
}

/// mean_B KL(a ‖ b) of log-probabilities [B, C]. Where a is 0 the product is 0 however small b is.
inline torch::Tensor mean_kl(const torch::Tensor& log_a, const torch::Tensor& log_b) {
    return (log_a.exp() * (log_a - log_b)).sum(1).mean();
}

/// log(share · e^a + (1 − share) · e^b), of log-probabilities; the ends of the share are a and b themselves.
inline torch::Tensor log_mixture(const torch::Tensor& log_a, const torch::Tensor& log_b, double share) {
    if (share >= 1) return log_a;
    if (share <= 0) return log_b;
    return torch::logaddexp(log_a + std::log(share), log_b + std::log1p(-share));
}

} // namespace limbeck
