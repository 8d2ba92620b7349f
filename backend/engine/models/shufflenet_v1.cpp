// SPDX-License-Identifier: GPL-3.0-or-later
// Zhang et al. 2018 with three groups, as RepDistiller has it for CIFAR.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

constexpr std::int64_t stem_width = 24, groups = 3;
constexpr std::array<std::int64_t, 3> widths{240, 480, 960}, blocks{4, 8, 4};

class ShuffleBlock final : public torch::nn::Module {
  public:
    /// With stride 2 the input, pooled, is laid beside the result instead of being added to it.
    ShuffleBlock(std::int64_t in, std::int64_t out, bool halves)
        : halves_(halves)
        , groups_(in == stem_width ? 1 : groups) // too few channels to be divided
        , conv1_(register_module("conv1", convolution(in, middle(in, out), 1, 1, groups_)))
        , bn1_(register_module("bn1", BatchNorm(middle(in, out))))
        , conv2_(register_module("conv2", depthwise(middle(in, out), 3, halves ? 2 : 1)))
        , bn2_(register_module("bn2", BatchNorm(middle(in, out))))
        , conv3_(register_module("conv3", convolution(middle(in, out), own(in, out), 1, 1, groups)))
        , bn3_(register_module("bn3", BatchNorm(own(in, out)))) {}

    /// The block's value before its last ReLU, in memory of its own.
    torch::Tensor forward(const torch::Tensor& x) {
        torch::Tensor y = shuffle_channels(convolved(*conv1_, *bn1_, x, Then::relu), groups_);
        y = convolved(*conv2_, *bn2_, y, Then::relu);
        if (!halves_) return convolved(*conv3_, *bn3_, y, Then::nothing, x);
        return torch::cat({convolved(*conv3_, *bn3_, y), torch::avg_pool2d(x, 3, 2, 1)}, 1);
    }

  private:
    std::int64_t own(std::int64_t in, std::int64_t out) const { return halves_ ? out - in : out; }

    std::int64_t middle(std::int64_t in, std::int64_t out) const { return own(in, out) / 4; }

    bool halves_;
    std::int64_t groups_;
    torch::nn::Conv2d conv1_;
    BatchNorm bn1_;
    torch::nn::Conv2d conv2_;
    BatchNorm bn2_;
    torch::nn::Conv2d conv3_;
    BatchNorm bn3_;
};

class ShuffleNetV1 final : public Network {
  public:
    ShuffleNetV1(std::int64_t channels, std::int64_t classes)
        : conv1_(register_module("conv1", convolution(channels, stem_width, 1)))
        , bn1_(register_module("bn1", BatchNorm(stem_width))) {
        std::int64_t in = stem_width;
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            for (std::int64_t block = 0; block < blocks[stage]; ++block) {
                stages_[stage]->push_back(std::make_shared<ShuffleBlock>(in, widths[stage], block == 0));
                in = widths[stage];
            }
            register_module("layer" + std::to_string(stage + 1), stages_[stage]);
        }
        linear_ = register_module("linear", torch::nn::Linear(in, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = activate(*conv1_, *bn1_, x, taps);
        for (auto& stage : stages_) {
            for (std::size_t block = 0; block < stage->size(); ++block) {
                y = stage[block]->as<ShuffleBlock>()->forward(y);
                y = activate(y, block + 1 == stage->size() ? taps : nullptr);
            }
        }
        y = pooled(y);
        if (taps) taps->features.push_back(y);
        return linear_->forward(y);
    }

  private:
    torch::nn::Conv2d conv1_;
    BatchNorm bn1_;
    std::array<torch::nn::ModuleList, 3> stages_;
    torch::nn::Linear linear_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_shufflenet_v1(const InputSpec& input, std::int64_t classes) {
    return std::make_shared<ShuffleNetV1>(input.channels(), classes);
}

} // namespace limbeck
