// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/registry.h"

#include <array>

#include "backend/engine/models/families.h"

namespace limbeck {

namespace {

using Made = Result<std::shared_ptr<Network>>;

template <int Depth>
Made resnet(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_cifar_resnet(Depth, {16, 16, 32, 64}, input, classes);
}

template <int Depth>
Made resnet_x4(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_cifar_resnet(Depth, {32, 64, 128, 256}, input, classes);
}

template <int Depth, int Widening>
Made wrn(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_wide_resnet(Depth, Widening, input, classes);
}

template <int A, int B, int C, int D, int E>
Made vgg(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_vgg({A, B, C, D, E}, input, classes);
}

template <int A, int B, int C, int D, bool Bottleneck, bool SmallPictures>
Made staged(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_staged_resnet({{A, B, C, D}, Bottleneck, SmallPictures}, input, classes);
}

/// A family with one member and no options.
template <std::shared_ptr<Network> (*make)(const InputSpec&, std::int64_t)>
Made plain(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make(input, classes);
}

constexpr std::array table{
    Maker{"mlp", make_mlp},
    Maker{"lenet", plain<make_lenet>},
    Maker{"resnet8", resnet<8>},
    Maker{"resnet14", resnet<14>},
    Maker{"resnet20", resnet<20>},
    Maker{"resnet32", resnet<32>},
    Maker{"resnet44", resnet<44>},
    Maker{"resnet56", resnet<56>},
    Maker{"resnet110", resnet<110>},
    Maker{"resnet8x4", resnet_x4<8>},
    Maker{"resnet32x4", resnet_x4<32>},
    Maker{"wrn_16_1", wrn<16, 1>},
    Maker{"wrn_16_2", wrn<16, 2>},
    Maker{"wrn_40_1", wrn<40, 1>},
    Maker{"wrn_40_2", wrn<40, 2>},
    Maker{"vgg8", vgg<1, 1, 1, 1, 1>},
    Maker{"vgg11", vgg<1, 1, 2, 2, 2>},
    Maker{"vgg13", vgg<2, 2, 2, 2, 2>},
    Maker{"vgg16", vgg<2, 2, 3, 3, 3>},
    Maker{"vgg19", vgg<2, 2, 4, 4, 4>},
    Maker{"MobileNetV2", plain<make_mobilenet_v2>},
    Maker{"ShuffleV1", plain<make_shufflenet_v1>},
    Maker{"ShuffleV2", plain<make_shufflenet_v2>},
    Maker{"ResNet50", staged<3, 4, 6, 3, true, true>},
    Maker{"resnet18", staged<2, 2, 2, 2, false, false>},
    Maker{"resnet34", staged<3, 4, 6, 3, false, false>},
    Maker{"resnet50", staged<3, 4, 6, 3, true, false>},
    Maker{"mobilenet_v3_small", plain<make_mobilenet_v3_small>},
    Maker{"convnext_femto", plain<make_convnext_femto>},
    Maker{"vit_tiny", make_vision_transformer},
};

} // namespace

std::span<const Maker> makers() {
    return table;
}

} // namespace limbeck
