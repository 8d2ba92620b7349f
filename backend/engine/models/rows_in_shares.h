// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "backend/engine/models/network.h"

namespace limbeck {

/// The fewest rows that a network is asked about at once where the bits of an answer must not hang on the
/// rows beside it. With fewer, the matrix products of small batches take another way for each number of rows
/// and for the last of them (seen in every network up to 10 rows, in none from 16).
inline constexpr std::int64_t fewest_rows = 16;

/// network.forward(x) of a network in evaluation mode whose values do not change, without gradients. On the
/// CPU each thread takes a share of the rows through all layers, in pieces of `fewest_rows` to twice as many:
/// none waits for the others after each layer, and what a layer leaves is in the thread's own cache for the
/// next. A batch too small for that, or on another device, goes as a whole.
torch::Tensor forward_in_shares(Network& network, const torch::Tensor& x);

} // namespace limbeck
