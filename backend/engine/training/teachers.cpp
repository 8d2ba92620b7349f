// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/teachers.h"

#include <cmath>

#include <torch/torch.h>

#include "backend/engine/models/rows_in_shares.h"

namespace limbeck {

torch::Tensor average_answers(const std::vector<torch::Tensor>& logits, bool average_logits) {
    if (logits.size() == 1) return logits.front();
    if (average_logits) return torch::stack(logits).mean(0);
    std::vector<torch::Tensor> log_probabilities;
    for (const auto& each : logits)
        log_probabilities.push_back(each.log_softmax(1));
    return torch::logsumexp(torch::stack(log_probabilities), 0) -
           std::log(static_cast<double>(logits.size()));
}

Answers Teachers::answer(const torch::Tensor& inputs, bool taps, Precision precision) const {
    const torch::NoGradGuard no_grad;
    Answers answers;
    std::vector<torch::Tensor> logits;
    {
        const AutocastScope autocast(inputs.device(), precision);
        for (const auto& network : networks_) {
            if (taps && logits.empty())
                answers = network->forward_taps(inputs);
            else
                answers.logits = forward_in_shares(*network, inputs);
            logits.push_back(answers.logits.to(torch::kFloat32));
        }
    }
    answers.logits = average_answers(logits, average_logits_);
    return answers;
}

} // namespace limbeck
