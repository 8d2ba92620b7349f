// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/types/config.h"
#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// `limbeck-cli forward`: reads `input` [B, …], writes `logits` [B, classes], `feature.N`, `preactivation.N`,
/// in eval mode and in the precision of the input. The number of classes is the one of the weights.
Result<TensorMap> run_forward(const NetworkSpec& spec, const TensorMap& weights, const TensorMap& inputs);

} // namespace limbeck
