// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backend/engine/models/network.h"

/// The makers behind build_network, which has checked that input and options fit.
namespace limbeck {

/// `hidden` widths with ReLU after each, then the classifier; flattens any input. Taps: every hidden layer.
/// Names: hidden.0.weight …, fc.weight.
std::shared_ptr<Network> make_mlp(const std::vector<std::int64_t>& hidden, std::int64_t inputs,
                                  std::int64_t classes);

/// Two 5×5 convolutions (16 and 32 channels, same size) with ReLU and 2×2 max pooling each, a hidden layer of
/// 128, the classifier: in the manner of LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998). Taps: after each
/// ReLU.
std::shared_ptr<Network> make_lenet(const InputSpec& input, std::int64_t classes);

/// The residual network for small pictures (He, Zhang, Ren, Sun 2015, section 4.2) with 6n + 2 layers, stages
/// of 16, 32 and 64 channels and a projection where the shape changes (option B), as RepDistiller has it.
/// Taps: the stem, the three stages, the pooled vector.
std::shared_ptr<Network> make_cifar_resnet(std::int64_t depth, const InputSpec& input, std::int64_t classes);

} // namespace limbeck
