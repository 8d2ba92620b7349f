// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// Which network of the zoo is held against what. A test sees to it that every network is here.
namespace limbeck::covered {

/// Golden files of RepDistiller: weights, answers and taps.
inline constexpr const char* golden[] = {"resnet8",  "resnet20",    "resnet8x4",
                                         "wrn_16_1", "MobileNetV2", "ShuffleV1"};

struct Count {
    const char* model;
    std::int64_t classes, parameters;
};

/// Published numbers of parameters for pictures with three channels. Of the golden files' README at 100
/// classes; of torchvision's documentation at 1000; convnext_femto's 5.22 million are a sum over its
/// published shapes.
inline constexpr Count counts[] = {
    {"resnet8", 100, 83892},      {"resnet14", 100, 181108},
    {"resnet20", 100, 278324},    {"resnet32", 100, 472756},
    {"resnet44", 100, 667188},    {"resnet56", 100, 861620},
    {"resnet110", 100, 1736564},  {"resnet8x4", 100, 1233540},
    {"resnet32x4", 100, 7433860}, {"wrn_16_1", 100, 180916},
    {"wrn_16_2", 100, 703284},    {"wrn_40_1", 100, 569780},
    {"wrn_40_2", 100, 2255156},   {"vgg8", 100, 3965028},
    {"vgg11", 100, 9277284},      {"vgg13", 100, 9462180},
    {"vgg16", 100, 14774436},     {"vgg19", 100, 20086692},
    {"MobileNetV2", 100, 812836}, {"ShuffleV1", 100, 949258},
    {"ShuffleV2", 100, 1355528},  {"ResNet50", 100, 23705252},
    {"resnet18", 1000, 11689512}, {"resnet34", 1000, 21797672},
    {"resnet50", 1000, 25557032}, {"mobilenet_v3_small", 1000, 2542856},
};

/// Computed a second time from the state dict by second_implementation_test.cpp.
inline constexpr const char* second[] = {"lenet",    "ShuffleV2",     "ResNet50", "resnet18",
                                         "wrn_16_2", "vgg8",          "resnet50", "mobilenet_v3_small",
                                         "vit_tiny", "convnext_femto"};

} // namespace limbeck::covered
