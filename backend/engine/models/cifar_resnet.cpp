// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

class BasicBlock final : public torch::nn::Module {
  public:
    BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride)
        : conv1_(register_module("conv1", convolution(in, out, 3, stride)))
        , bn1_(register_module("bn1", BatchNorm(out)))
        , conv2_(register_module("conv2", convolution(out, out, 3, 1)))
        , bn2_(register_module("bn2", BatchNorm(out))) {
        if (stride == 1 && in == out) return;
        downsample_ = register_module("downsample",
                                      torch::nn::Sequential(convolution(in, out, 1, stride), BatchNorm(out)));
    }

    /// `then` nothing: the block's value before its last ReLU. In memory of its own.
    torch::Tensor forward(const torch::Tensor& x, Then then) {
        const torch::Tensor y = convolved(*conv1_, *bn1_, x, Then::relu);
        return convolved(*conv2_, *bn2_, y, then, downsample_ ? convolved(downsample_, 0, x) : x);
    }

  private:
    torch::nn::Conv2d conv1_;
    BatchNorm bn1_;
    torch::nn::Conv2d conv2_;
    BatchNorm bn2_;
    torch::nn::Sequential downsample_{nullptr};
};

class CifarResNet final : public Network {
  public:
    CifarResNet(std::int64_t depth, const ResNetWidths& widths, std::int64_t channels, std::int64_t classes)
        : Network(Initialisation::kaiming_fan_out)
        , conv1_(register_module("conv1", convolution(channels, widths[0], 3, 1)))
        , bn1_(register_module("bn1", BatchNorm(widths[0]))) {
        const std::int64_t blocks = (depth - 2) / 6;
        std::int64_t in = widths[0];
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            const std::int64_t out = widths[stage + 1];
            for (std::int64_t block = 0; block < blocks; ++block) {
                const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
                stages_[stage]->push_back(std::make_shared<BasicBlock>(in, out, stride));
                in = out;
            }
            register_module("layer" + std::to_string(stage + 1), stages_[stage]);
        }
        fc_ = register_module("fc", torch::nn::Linear(in, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = activate(*conv1_, *bn1_, x, taps);
        for (auto& stage : stages_) {
            for (std::size_t block = 0; block < stage->size(); ++block) {
                const bool tapped = taps && block + 1 == stage->size();
                y = stage[block]->as<BasicBlock>()->forward(y, tapped ? Then::nothing : Then::relu);
                if (tapped) y = activate(y, taps);
            }
        }
        y = pooled(y); // the published average over 8×8, for any size
        if (taps) taps->features.push_back(y);
        return fc_->forward(y);
    }

  private:
    torch::nn::Conv2d conv1_;
    BatchNorm bn1_;
    std::array<torch::nn::ModuleList, 3> stages_;
    torch::nn::Linear fc_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_cifar_resnet(std::int64_t depth, const ResNetWidths& widths,
                                           const InputSpec& input, std::int64_t classes) {
    return std::make_shared<CifarResNet>(depth, widths, input.channels(), classes);
}

} // namespace limbeck
