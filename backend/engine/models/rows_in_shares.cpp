// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/rows_in_shares.h"

#include <algorithm>
#include <vector>

#include <ATen/ThreadLocalState.h>
#include <torch/torch.h>

#include "backend/engine/device/threads.h"
#include "backend/engine/switches.h"

namespace limbeck {

torch::Tensor forward_in_shares(Network& network, const torch::Tensor& x) {
    const std::int64_t rows = x.size(0);
    const std::int64_t threads = threads_at_hand();
    if (switched_off("LIMBECK_ROW_SHARES") || !x.device().is_cpu() || threads < 2 ||
        rows < fewest_rows * threads)
        return network.forward(x);

    // Pieces are of one size, so that the same kernels answer whatever a row's place is: the last begins
    // within the one before.
    const std::int64_t rounds = rows / (fewest_rows * threads);
    const std::int64_t size = (rows + rounds * threads - 1) / (rounds * threads);
    const std::int64_t pieces = (rows + size - 1) / size;
    std::vector<torch::Tensor> answers(static_cast<std::size_t>(pieces));
    const at::ThreadLocalState here; // autocast, no gradients
    share_among_threads(pieces, 1, [&](std::int64_t begin, std::int64_t end) {
        const at::ThreadLocalStateGuard same(here);
        const SingleThread alone(true);
        for (std::int64_t piece = begin; piece < end; ++piece) {
            const std::int64_t wanted = piece * size, from = std::min(wanted, rows - size);
            const auto logits = network.forward(x.narrow(0, from, size));
            answers[static_cast<std::size_t>(piece)] =
                logits.narrow(0, wanted - from, size - (wanted - from));
        }
    });
    return torch::cat(answers);
}

} // namespace limbeck
