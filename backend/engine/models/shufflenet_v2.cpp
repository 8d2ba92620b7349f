// SPDX-License-Identifier: GPL-3.0-or-later
// Ma et al. 2018 at width 1, as RepDistiller has it for CIFAR: a 1×1 stem and no pooling after it.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

using torch::nn::Conv2d;

constexpr std::int64_t stem_width = 24, last_width = 1024;
constexpr std::array<std::int64_t, 3> widths{116, 232, 464}, blocks{3, 7, 3};

/// Halves the size: both branches are computed from all channels.
class DownBlock final : public torch::nn::Module {
  public:
    DownBlock(std::int64_t in, std::int64_t out)
        : conv1_(register_module("conv1", depthwise(in, 3, 2)))
        , bn1_(register_module("bn1", BatchNorm(in)))
        , conv2_(register_module("conv2", convolution(in, out / 2, 1)))
        , bn2_(register_module("bn2", BatchNorm(out / 2)))
        , conv3_(register_module("conv3", convolution(in, out / 2, 1)))
        , bn3_(register_module("bn3", BatchNorm(out / 2)))
        , conv4_(register_module("conv4", depthwise(out / 2, 3, 2)))
        , bn4_(register_module("bn4", BatchNorm(out / 2)))
        , conv5_(register_module("conv5", convolution(out / 2, out / 2, 1)))
        , bn5_(register_module("bn5", BatchNorm(out / 2))) {}

    torch::Tensor forward(const torch::Tensor& x) {
        const torch::Tensor left = convolved(*conv2_, *bn2_, convolved(*conv1_, *bn1_, x), Then::relu);
        torch::Tensor right = convolved(*conv3_, *bn3_, x, Then::relu);
        right = convolved(*conv5_, *bn5_, convolved(*conv4_, *bn4_, right), Then::relu);
        return shuffle_channels(torch::cat({left, right}, 1), 2);
    }

  private:
    Conv2d conv1_;
    BatchNorm bn1_;
    Conv2d conv2_;
    BatchNorm bn2_;
    Conv2d conv3_;
    BatchNorm bn3_;
    Conv2d conv4_;
    BatchNorm bn4_;
    Conv2d conv5_;
    BatchNorm bn5_;
};

/// Keeps the size: the first half of the channels passes through untouched.
class SplitBlock final : public torch::nn::Module {
  public:
    explicit SplitBlock(std::int64_t channels)
        : conv1_(register_module("conv1", convolution(channels / 2, channels / 2, 1)))
        , bn1_(register_module("bn1", BatchNorm(channels / 2)))
        , conv2_(register_module("conv2", depthwise(channels / 2, 3)))
        , bn2_(register_module("bn2", BatchNorm(channels / 2)))
        , conv3_(register_module("conv3", convolution(channels / 2, channels / 2, 1)))
        , bn3_(register_module("bn3", BatchNorm(channels / 2))) {}

    /// `taps` gets both halves before the last ReLU of the second, not yet shuffled: the published order.
    torch::Tensor forward(const torch::Tensor& x, Answers* taps) {
        const auto halves = x.chunk(2, 1);
        torch::Tensor y = convolved(*conv1_, *bn1_, halves[1], Then::relu);
        y = convolved(*conv2_, *bn2_, y);
        y = convolved(*conv3_, *bn3_, y, taps ? Then::nothing : Then::relu);
        if (taps) {
            taps->preactivations.push_back(torch::cat({halves[0], y}, 1));
            y = y.relu();
        }
        return shuffle_channels(torch::cat({halves[0], y}, 1), 2);
    }

  private:
    Conv2d conv1_;
    BatchNorm bn1_;
    Conv2d conv2_;
    BatchNorm bn2_;
    Conv2d conv3_;
    BatchNorm bn3_;
};

class ShuffleNetV2 final : public Network {
  public:
    ShuffleNetV2(std::int64_t channels, std::int64_t classes)
        : conv1_(register_module("conv1", convolution(channels, stem_width, 1)))
        , bn1_(register_module("bn1", BatchNorm(stem_width))) {
        std::int64_t in = stem_width;
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            stages_[stage]->push_back(std::make_shared<DownBlock>(in, widths[stage]));
            in = widths[stage];
            for (std::int64_t block = 0; block < blocks[stage]; ++block)
                stages_[stage]->push_back(std::make_shared<SplitBlock>(in));
            register_module("layer" + std::to_string(stage + 1), stages_[stage]);
        }
        conv2_ = register_module("conv2", convolution(in, last_width, 1));
        bn2_ = register_module("bn2", BatchNorm(last_width));
        linear_ = register_module("linear", torch::nn::Linear(last_width, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = activate(*conv1_, *bn1_, x, taps);
        for (auto& stage : stages_) {
            y = stage[0]->as<DownBlock>()->forward(y);
            for (std::size_t block = 1; block < stage->size(); ++block)
                y = stage[block]->as<SplitBlock>()->forward(y, block + 1 == stage->size() ? taps : nullptr);
            if (taps) taps->features.push_back(y);
        }
        y = pooled(convolved(*conv2_, *bn2_, y, Then::relu));
        if (taps) taps->features.push_back(y);
        return linear_->forward(y);
    }

  private:
    Conv2d conv1_;
    BatchNorm bn1_;
    std::array<torch::nn::ModuleList, 3> stages_;
    Conv2d conv2_{nullptr};
    BatchNorm bn2_{nullptr};
    torch::nn::Linear linear_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_shufflenet_v2(const InputSpec& input, std::int64_t classes) {
    return std::make_shared<ShuffleNetV2>(input.channels(), classes);
}

} // namespace limbeck
