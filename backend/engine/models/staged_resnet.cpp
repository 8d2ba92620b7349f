// SPDX-License-Identifier: GPL-3.0-or-later
// He et al. 2015 with four stages: for ImageNet under the names of torchvision (stride on the 3×3
// convolution), and RepDistiller's ResNet50, the same for CIFAR with a 3×3 stem.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

using torch::nn::Conv2d;

/// Two 3×3 convolutions, or 1×1, 3×3 and 1×1 with four times the channels at the end.
class ResidualBlock final : public torch::nn::Module {
  public:
    ResidualBlock(bool bottleneck, std::int64_t in, std::int64_t width, std::int64_t stride,
                  const char* shortcut) {
        const std::int64_t out = bottleneck ? 4 * width : width;
        if (bottleneck) {
            add(convolution(in, width, 1), width);
            add(convolution(width, width, 3, stride), width);
            add(convolution(width, out, 1), out);
        } else {
            add(convolution(in, width, 3, stride), width);
            add(convolution(width, out, 3), out);
        }
        if (stride != 1 || in != out)
            shortcut_ = register_module(
                shortcut, torch::nn::Sequential(convolution(in, out, 1, stride), BatchNorm(out)));
    }

    /// `last` nothing: the block's value before its last ReLU. In memory of its own.
    torch::Tensor forward(const torch::Tensor& x, Then last) {
        torch::Tensor y = x;
        for (std::size_t i = 0; i + 1 < convolutions_.size(); ++i)
            y = convolved(*convolutions_[i], *norms_[i], y, Then::relu);
        return convolved(*convolutions_.back(), *norms_.back(), y, last,
                         shortcut_ ? convolved(shortcut_, 0, x) : x);
    }

  private:
    void add(Conv2d convolution, std::int64_t channels) {
        const std::string number = std::to_string(convolutions_.size() + 1);
        convolutions_.push_back(register_module("conv" + number, std::move(convolution)));
        norms_.push_back(register_module("bn" + number, BatchNorm(channels)));
    }

    std::vector<Conv2d> convolutions_;
    std::vector<BatchNorm> norms_;
    torch::nn::Sequential shortcut_{nullptr};
};

class StagedResNet final : public Network {
  public:
    StagedResNet(const StagedResNetPlan& plan, std::int64_t channels, std::int64_t classes)
        : Network(Initialisation::kaiming_fan_out)
        , small_stem_(plan.small_pictures)
        , conv1_(register_module("conv1", small_stem_ ? convolution(channels, 64, 3)
                                                      : convolution(channels, 64, 7, 2)))
        , bn1_(register_module("bn1", BatchNorm(64))) {
        std::int64_t in = 64;
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            const std::int64_t width = std::int64_t{64} << stage;
            for (std::int64_t block = 0; block < plan.blocks[stage]; ++block) {
                stages_[stage]->push_back(std::make_shared<ResidualBlock>(
                    plan.bottleneck, in, width, stage > 0 && block == 0 ? 2 : 1,
                    small_stem_ ? "shortcut" : "downsample"));
                in = plan.bottleneck ? 4 * width : width;
            }
            register_module("layer" + std::to_string(stage + 1), stages_[stage]);
        }
        fc_ = register_module(small_stem_ ? "linear" : "fc", torch::nn::Linear(in, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = activate(*conv1_, *bn1_, x, taps);
        if (!small_stem_) y = torch::max_pool2d(y, 3, 2, 1);
        for (auto& stage : stages_) {
            for (std::size_t block = 0; block < stage->size(); ++block) {
                const bool tapped = taps && block + 1 == stage->size();
                y = stage[block]->as<ResidualBlock>()->forward(y, tapped ? Then::nothing : Then::relu);
                if (tapped) y = activate(y, taps);
            }
        }
        y = pooled(y);
        if (taps) taps->features.push_back(y);
        return fc_->forward(y);
    }

  private:
    bool small_stem_;
    Conv2d conv1_;
    BatchNorm bn1_;
    std::array<torch::nn::ModuleList, 4> stages_;
    torch::nn::Linear fc_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_staged_resnet(const StagedResNetPlan& plan, const InputSpec& input,
                                            std::int64_t classes) {
    return std::make_shared<StagedResNet>(plan, input.channels(), classes);
}

} // namespace limbeck
