// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

namespace limbeck {

/// What is counted over the samples of a batch. Column numbers of count_answers().
enum Count : int { count_correct, count_agreeing, count_teacher_correct, count_kl, count_columns };

/// [4] in the precision of the logits [B, C]: samples where the student's argmax is the label, where it is
/// the teacher's argmax, where the teacher's is the label, and the sum of KL(teacher ‖ student) at T = 1.
/// Ties go to the lower class. Without a teacher (undefined) all but the first are 0. Never waits for the
/// device.
torch::Tensor count_answers(const torch::Tensor& student_logits, const torch::Tensor& teacher_logits,
                            const torch::Tensor& labels);

} // namespace limbeck
