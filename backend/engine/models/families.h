// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/engine/models/network.h"

/// The makers behind build_network, which has checked that input and options are of the kind that the
/// catalogue names. Those from RepDistiller have its structure, names and taps: the stem, the stages, the
/// pooled vector.
namespace limbeck {

/// Option `hidden`: widths with ReLU after each, then the classifier; flattens any input. Taps: every hidden
/// layer. Names: hidden.0.weight …, fc.weight.
Result<std::shared_ptr<Network>> make_mlp(const NetworkSpec& spec, const InputSpec& input,
                                          std::int64_t classes);

/// Two 5×5 convolutions (16 and 32 channels, same size) with ReLU and 2×2 max pooling each, a hidden layer of
/// 128, the classifier: in the manner of LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998). Taps: after each
/// ReLU.
std::shared_ptr<Network> make_lenet(const InputSpec& input, std::int64_t classes);

/// Of the stem and the three stages.
using ResNetWidths = std::array<std::int64_t, 4>;

/// The residual network for small pictures (He, Zhang, Ren, Sun 2015, section 4.2) with 6n + 2 layers and a
/// projection where the shape changes (option B), as RepDistiller has it.
std::shared_ptr<Network> make_cifar_resnet(std::int64_t depth, const ResNetWidths& widths,
                                           const InputSpec& input, std::int64_t classes);

/// Wide residual network with 6n + 4 layers (Zagoruyko and Komodakis 2016). Taps of the stem and the stages
/// have no activation; preactivation.1 to 3 are after the batch norm that follows.
std::shared_ptr<Network> make_wide_resnet(std::int64_t depth, std::int64_t widening, const InputSpec& input,
                                          std::int64_t classes);

/// Convolutions in each of the five blocks.
using VggLayers = std::array<std::int64_t, 5>;

/// VGG with batch norm (Simonyan and Zisserman 2014).
std::shared_ptr<Network> make_vgg(const VggLayers& layers, const InputSpec& input, std::int64_t classes);

/// MobileNetV2 at half width (Sandler et al. 2018).
std::shared_ptr<Network> make_mobilenet_v2(const InputSpec& input, std::int64_t classes);

/// ShuffleNet with three groups (Zhang et al. 2018).
std::shared_ptr<Network> make_shufflenet_v1(const InputSpec& input, std::int64_t classes);

/// ShuffleNet V2 at width 1 (Ma et al. 2018).
std::shared_ptr<Network> make_shufflenet_v2(const InputSpec& input, std::int64_t classes);

struct StagedResNetPlan {
    std::array<std::int64_t, 4> blocks;
    bool bottleneck = false;
    /// 3×3 stem, names "shortcut" and "linear" (RepDistiller); else 7×7 with pooling, "downsample" and "fc"
    /// (torchvision).
    bool small_pictures = false;
};

/// The residual network with four stages (He, Zhang, Ren, Sun 2015, table 1). Taps: the stem before its
/// pooling, the four stages, the pooled vector.
std::shared_ptr<Network> make_staged_resnet(const StagedResNetPlan& plan, const InputSpec& input,
                                            std::int64_t classes);

/// MobileNetV3-Small (Howard et al. 2019) without dropout. Taps: the stem, the last block of each resolution,
/// the hidden layer of the classifier.
std::shared_ptr<Network> make_mobilenet_v3_small(const InputSpec& input, std::int64_t classes);

/// ConvNeXt with (2, 2, 6, 2) blocks of 48, 96, 192 and 384 channels (Liu et al. 2022). Last tap: the pooled
/// and normalised vector.
std::shared_ptr<Network> make_convnext_femto(const InputSpec& input, std::int64_t classes);

/// Vision transformer, 192 wide with three heads, on patches of 4×4. Options: `depth` (blocks, 4 to 12),
/// `pool` (cls: the class token answers; mean: the average of the patches). Taps: the patches with their
/// positions, after each quarter of the blocks, all as pictures [B, 192, H/4, W/4]; the vector that answers.
Result<std::shared_ptr<Network>> make_vision_transformer(const NetworkSpec& spec, const InputSpec& input,
                                                         std::int64_t classes);

} // namespace limbeck
