// SPDX-License-Identifier: GPL-3.0-or-later
// Sandler et al. 2018 at half width, as RepDistiller has it for CIFAR: the second stage keeps the size, there
// is no dropout, and 6 is no bound of the activations.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

using torch::nn::ReLU;
using torch::nn::ReLUOptions;
using torch::nn::Sequential;

ReLU in_place() {
    return ReLU(ReLUOptions(true));
}

class InvertedResidual final : public torch::nn::Module {
  public:
    InvertedResidual(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion)
        : conv_(register_module(
              "conv", Sequential(convolution(in, in * expansion, 1), BatchNorm(in * expansion), in_place(),
                                 depthwise(in * expansion, 3, stride), BatchNorm(in * expansion), in_place(),
                                 convolution(in * expansion, out, 1), BatchNorm(out))))
        , adds_(stride == 1 && in == out) {}

    torch::Tensor forward(const torch::Tensor& x) {
        torch::Tensor y = convolved(conv_, 0, x, Then::relu);
        y = convolved(conv_, 3, y, Then::relu);
        return convolved(conv_, 6, y, Then::nothing, adds_ ? x : torch::Tensor());
    }

  private:
    Sequential conv_;
    bool adds_;
};

/// Expansion, channels at full width, blocks, stride of the first; `tap`: the last of a published stage.
struct Stage {
    std::int64_t expansion, channels, blocks, stride;
    bool tap;
};

constexpr std::array<Stage, 7> stages{{{1, 16, 1, 1, false},
                                       {6, 24, 2, 1, true},
                                       {6, 32, 3, 2, true},
                                       {6, 64, 4, 2, false},
                                       {6, 96, 3, 1, true},
                                       {6, 160, 3, 2, false},
                                       {6, 320, 1, 1, true}}};
constexpr std::int64_t stem_width = 16, last_width = 1280;

class MobileNetV2 final : public Network {
  public:
    MobileNetV2(std::int64_t channels, std::int64_t classes)
        : Network(Initialisation::kaiming_narrow_classifier)
        , conv1_(register_module(
              "conv1", Sequential(convolution(channels, stem_width, 3, 2), BatchNorm(stem_width)))) {
        std::int64_t in = stem_width;
        for (const Stage& stage : stages) {
            const std::int64_t out = stage.channels / 2;
            torch::nn::ModuleList blocks;
            for (std::int64_t block = 0; block < stage.blocks; ++block) {
                blocks->push_back(std::make_shared<InvertedResidual>(in, out, block == 0 ? stage.stride : 1,
                                                                     stage.expansion));
                in = out;
            }
            blocks_->push_back(blocks);
        }
        register_module("blocks", blocks_);
        conv2_ = register_module("conv2", Sequential(convolution(in, last_width, 1), BatchNorm(last_width)));
        classifier_ = register_module("classifier", Sequential(torch::nn::Linear(last_width, classes)));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = convolved(conv1_, 0, x, taps ? Then::nothing : Then::relu);
        if (taps) y = activate(y, taps);
        for (std::size_t stage = 0; stage < stages.size(); ++stage) {
            for (const auto& block : *blocks_[stage]->as<torch::nn::ModuleList>())
                y = block->as<InvertedResidual>()->forward(y);
            if (stages[stage].tap) tap_linear(y, taps);
        }
        y = pooled(convolved(conv2_, 0, y, Then::relu));
        if (taps) taps->features.push_back(y);
        return classifier_->forward(y);
    }

  private:
    Sequential conv1_;
    torch::nn::ModuleList blocks_;
    Sequential conv2_{nullptr}, classifier_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_mobilenet_v2(const InputSpec& input, std::int64_t classes) {
    return std::make_shared<MobileNetV2>(input.channels(), classes);
}

} // namespace limbeck
