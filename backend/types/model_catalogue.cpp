// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

constexpr std::string_view he = "He et al. 2016, arXiv:1512.03385",
                           zagoruyko = "Zagoruyko & Komodakis 2016, arXiv:1605.07146",
                           simonyan = "Simonyan & Zisserman 2015, arXiv:1409.1556";

/// Takes pictures from that side on and has no options.
ModelEntry picture(std::string_view name, std::string_view title, std::string_view description,
                   std::string_view paper, int minimum_side = 8) {
    return {name, title, description, paper, {}, true, minimum_side};
}

std::vector<ModelEntry> small_ones() {
    return {
        {"mlp",
         "MLP",
         "Fully connected layers with ReLU; hidden widths as in hidden=64x64.",
         "",
         {"hidden"},
         false,
         0},
        picture("lenet", "LeNet", "Two small convolutions and three linear layers.",
                "LeCun et al. 1998, Proc. IEEE 86(11)", 12),
    };
}

std::vector<ModelEntry> cifar_resnets() {
    return {
        picture("resnet8", "ResNet-8", "The smallest of the CIFAR residual networks.", he),
        picture("resnet14", "ResNet-14", "A CIFAR residual network with two blocks a stage.", he),
        picture("resnet20", "ResNet-20", "A CIFAR residual network with three blocks a stage.", he),
        picture("resnet32", "ResNet-32", "A CIFAR residual network with five blocks a stage.", he),
        picture("resnet44", "ResNet-44", "A CIFAR residual network with seven blocks a stage.", he),
        picture("resnet56", "ResNet-56", "A CIFAR residual network with nine blocks a stage.", he),
        picture("resnet110", "ResNet-110",
                "A CIFAR residual network with eighteen blocks a stage: slow without a GPU.", he),
        picture("resnet8x4", "ResNet-8×4",
                "ResNet-8 with four times the channels: the usual student of ResNet-32×4.", he),
        picture("resnet32x4", "ResNet-32×4", "ResNet-32 with four times the channels: a common teacher.", he),
        picture("wrn_16_1", "WRN-16-1", "A wide residual network of 16 layers at width 1: the smallest.",
                zagoruyko),
        picture("wrn_16_2", "WRN-16-2", "A wide residual network of 16 layers at width 2.", zagoruyko),
        picture("wrn_40_1", "WRN-40-1", "A wide residual network of 40 layers at width 1: deep and thin.",
                zagoruyko),
        picture("wrn_40_2", "WRN-40-2", "A wide residual network of 40 layers at width 2: a common teacher.",
                zagoruyko),
    };
}

std::vector<ModelEntry> other_cifar_networks() {
    return {
        picture("vgg8", "VGG-8", "Five convolutions with batch norm: the usual student of VGG-13.", simonyan),
        picture("vgg11", "VGG-11", "Eight convolutions with batch norm.", simonyan),
        picture("vgg13", "VGG-13", "Ten convolutions with batch norm: a common teacher.", simonyan),
        picture("vgg16", "VGG-16", "Thirteen convolutions with batch norm.", simonyan),
        picture("vgg19", "VGG-19", "Sixteen convolutions with batch norm.", simonyan),
        picture("MobileNetV2", "MobileNetV2 (half width)", "Inverted residuals at half width, as for CIFAR.",
                "Sandler et al. 2018, arXiv:1801.04381"),
        picture("ShuffleV1", "ShuffleNet V1",
                "Grouped 1×1 convolutions whose channels are shuffled, as for CIFAR.",
                "Zhang et al. 2018, arXiv:1707.01083"),
        picture("ShuffleV2", "ShuffleNet V2", "Split and shuffled channels at width 1, as for CIFAR.",
                "Ma et al. 2018, arXiv:1807.11164"),
        picture("ResNet50", "ResNet-50 (CIFAR)",
                "Bottleneck blocks in four stages behind a 3×3 stem: a large teacher.", he),
    };
}

std::vector<ModelEntry> larger_pictures() {
    return {
        picture("resnet18", "ResNet-18 (ImageNet)",
                "Two blocks in each of four stages behind a 7×7 stem; torchvision's names.", he, 32),
        picture("resnet34", "ResNet-34 (ImageNet)",
                "Three to six blocks in each of four stages behind a 7×7 stem; torchvision's names.", he, 32),
        picture("resnet50", "ResNet-50 (ImageNet)",
                "Bottleneck blocks in four stages behind a 7×7 stem; torchvision's names.", he, 32),
        picture("mobilenet_v3_small", "MobileNetV3-Small",
                "Inverted residuals with squeeze-and-excitation, without dropout; torchvision's names.",
                "Howard et al. 2019, arXiv:1905.02244", 32),
        picture("convnext_femto", "ConvNeXt-Femto",
                "7×7 depthwise convolutions with layer norm in four stages; timm's names.",
                "Liu et al. 2022, arXiv:2201.03545", 32),
        {"vit_tiny",
         "ViT-Tiny",
         "A vision transformer on patches of 4×4, 192 wide with three heads; depth=4 to 12 blocks, pool=cls "
         "or mean.",
         "Dosovitskiy et al. 2021, arXiv:2010.11929",
         {"depth", "pool"},
         true,
         8},
    };
}

} // namespace

std::span<const ModelEntry> model_catalogue() {
    static const std::vector<ModelEntry> entries = [] {
        std::vector<ModelEntry> all = small_ones();
        for (auto part : {cifar_resnets(), other_cifar_networks(), larger_pictures()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return entries;
}

} // namespace limbeck
