// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/evaluation/counts.h"

#include <torch/torch.h>

namespace limbeck {

torch::Tensor count_answers(const torch::Tensor& student_logits, const torch::Tensor& teacher_logits,
                            const torch::Tensor& labels) {
    torch::NoGradGuard no_grad;
    const auto type = student_logits.scalar_type();
    const auto student = student_logits.argmax(1);
    const auto correct = student.eq(labels).sum().to(type);
    if (!teacher_logits.defined()) {
        const auto zero = torch::zeros_like(correct);
        return torch::stack({correct, zero, zero, zero});
    }
    const auto teacher = teacher_logits.argmax(1);
    const auto log_p = teacher_logits.log_softmax(1);
    const auto log_q = student_logits.log_softmax(1);
    const auto kl = (log_p.exp() * (log_p - log_q)).sum();
    return torch::stack(
        {correct, student.eq(teacher).sum().to(type), teacher.eq(labels).sum().to(type), kl.to(type)});
}

} // namespace limbeck
