// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

ModelEntry resnet(std::string_view name, std::string_view title, std::string_view description) {
    return {name, title, description, "He et al. 2016, arXiv:1512.03385", {}, true, 8};
}

} // namespace

std::span<const ModelEntry> model_catalogue() {
    static const std::vector<ModelEntry> entries{
        {"mlp",
         "MLP",
         "Fully connected layers with ReLU; hidden widths as in hidden=64x64.",
         "",
         {"hidden"},
         false,
         0},
        {"lenet",
         "LeNet",
         "Two small convolutions and three linear layers.",
         "LeCun et al. 1998, Proc. IEEE 86(11)",
         {},
         true,
         12},
        resnet("resnet8", "ResNet-8", "The smallest of the CIFAR residual networks."),
        resnet("resnet14", "ResNet-14", "A CIFAR residual network with two blocks a stage."),
        resnet("resnet20", "ResNet-20", "A CIFAR residual network with three blocks a stage."),
        resnet("resnet32", "ResNet-32", "A CIFAR residual network with five blocks a stage."),
        resnet("resnet44", "ResNet-44", "A CIFAR residual network with seven blocks a stage."),
        resnet("resnet56", "ResNet-56", "A CIFAR residual network with nine blocks a stage."),
        resnet("resnet110", "ResNet-110",
               "A CIFAR residual network with eighteen blocks a stage: slow without a GPU."),
    };
    return entries;
}

} // namespace limbeck
