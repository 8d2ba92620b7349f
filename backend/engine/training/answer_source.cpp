// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/answer_source.h"

#include <torch/torch.h>

namespace limbeck {

Answers LiveAnswers::answer(const Batch& batch) {
    const auto count = batch.inputs.size(0);
    if (count >= rows_) return teachers_.answer(batch.inputs, taps_, precision_);
    const auto filled = torch::arange(rows_, batch.labels.options()).remainder(count);
    auto inputs = batch.inputs.index_select(0, filled);
    if (inputs.dim() == 4) inputs = inputs.contiguous(torch::MemoryFormat::ChannelsLast);
    Answers answers = teachers_.answer(inputs, taps_, precision_);
    answers.logits = answers.logits.narrow(0, 0, count);
    return answers;
}

std::vector<std::string> LiveAnswers::take_notes() {
    std::vector<std::string> notes;
    if (!note_.empty()) notes.push_back(std::exchange(note_, {}));
    return notes;
}

} // namespace limbeck
