// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/engine/engine.h"

namespace limbeck {

/// What each layer costs for one sample, counted during a forward pass in eval mode. Layers with parameters
/// have a row; so has what is learned beside them (positions, a layer scale) and the products of attention,
/// under the name of their module. The sums are those of network_cost().
Result<std::vector<LayerCost>> layer_costs(const NetworkSpec& spec, const InputSpec& input,
                                           std::int64_t classes);

} // namespace limbeck
