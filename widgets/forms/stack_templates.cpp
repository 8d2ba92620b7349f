// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/stack_templates.h"

#include <array>

namespace limbeck {

std::span<const StackTemplate> stack_templates() {
    static constexpr std::array templates{
        StackTemplate{"Small CNN",
                      "Two convolutions with batch norm, each with a pooling; averaged at the end.",
                      "conv3-16,bn,relu,pool2,conv3-32,bn,relu,pool2,gap,fc"},
        StackTemplate{"LeNet-like", "Two large convolutions and two linear layers (LeCun 1998), with ReLU.",
                      "conv5-6,relu,pool2,conv5-16,relu,pool2,flatten,fc120,relu,fc84,relu,fc"},
        StackTemplate{"VGG-like",
                      "Pairs of small convolutions before each pooling (Simonyan 2015), made small.",
                      "conv3-32,bn,relu,conv3-32,bn,relu,pool2,conv3-64,bn,relu,conv3-64,bn,relu,pool2,"
                      "flatten,fc128,relu,drop0.5,fc"},
        StackTemplate{"All convolutions",
                      "Convolutions with a stride in the place of poolings (Springenberg 2015), made small.",
                      "conv3-16,bn,relu,conv3-32s2,bn,relu,conv3-64s2,bn,relu,gap,fc"},
        StackTemplate{"Perceptron", "Two hidden layers; takes points and pictures alike.",
                      "fc64,relu,fc64,relu,fc", false},
        StackTemplate{"Linear", "The classifier alone: logistic regression.", "fc", false},
    };
    return templates;
}

} // namespace limbeck
