// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <torch/nn/modules/conv.h>

#include "backend/engine/models/batch_norm.h"

/// What many families of the zoo are built of. Inner to backend/engine/models.
namespace limbeck {

/// side × side, padded so that stride 1 keeps the size of the picture.
inline torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t side,
                                     std::int64_t stride = 1, std::int64_t groups = 1, bool bias = false) {
    return torch::nn::Conv2d(
        torch::nn::Conv2dOptions(in, out, side).stride(stride).padding(side / 2).groups(groups).bias(bias));
}

/// Each channel by itself.
inline torch::nn::Conv2d depthwise(std::int64_t channels, std::int64_t side, std::int64_t stride = 1,
                                   bool bias = false) {
    return convolution(channels, channels, side, stride, channels, bias);
}

/// Channels [groups, C/groups] become [C/groups, groups]: what one group computed is spread over all groups
/// of the next convolution (Zhang 2018, figure 1).
inline torch::Tensor shuffle_channels(const torch::Tensor& x, std::int64_t groups) {
    const auto n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
    return x.reshape({n, groups, c / groups, h, w}).transpose(1, 2).reshape({n, c, h, w});
}

/// The average of each channel over the whole picture: [B, C, H, W] to [B, C].
inline torch::Tensor pooled(const torch::Tensor& x) {
    return x.mean({2, 3});
}

} // namespace limbeck
