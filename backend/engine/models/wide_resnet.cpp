// SPDX-License-Identifier: GPL-3.0-or-later
// Zagoruyko and Komodakis 2016, "Wide residual networks": normalisation and ReLU come before each
// convolution.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

/// What a block leaves: the sum of both, which the next normalisation makes on its way.
struct Unadded {
    torch::Tensor y, shortcut; ///< shortcut: none before the first block

    torch::Tensor sum() const { return shortcut.defined() ? y + shortcut : y; }
};

class WideBlock final : public torch::nn::Module {
  public:
    WideBlock(std::int64_t in, std::int64_t out, std::int64_t stride)
        : bn1_(register_module("bn1", BatchNorm(in)))
        , conv1_(register_module("conv1", convolution(in, out, 3, stride)))
        , bn2_(register_module("bn2", BatchNorm(out)))
        , conv2_(register_module("conv2", convolution(out, out, 3))) {
        if (in != out) shortcut_ = register_module("convShortcut", convolution(in, out, 1, stride));
    }

    /// `taps` gets the normalised input: what the stage before this block is before its activation.
    Unadded forward(const Unadded& in, Answers* taps) {
        auto [x, active] = added_up(*bn1_, in.y, in.shortcut, taps ? Then::nothing : Then::relu);
        if (taps) {
            taps->preactivations.push_back(active);
            active = active.relu();
        }
        const torch::Tensor y = conv2_->forward(convolved(*conv1_, *bn2_, active, Then::relu));
        return {y, shortcut_ ? shortcut_->forward(active) : x};
    }

  private:
    BatchNorm bn1_;
    torch::nn::Conv2d conv1_;
    BatchNorm bn2_;
    torch::nn::Conv2d conv2_, shortcut_{nullptr};
};

/// The blocks of a stage, under the published name "blockN.layer".
class Stage final : public torch::nn::Module {
  public:
    Stage(std::int64_t blocks, std::int64_t in, std::int64_t out, std::int64_t stride) {
        for (std::int64_t block = 0; block < blocks; ++block)
            layer_->push_back(
                std::make_shared<WideBlock>(block == 0 ? in : out, out, block == 0 ? stride : 1));
        register_module("layer", layer_);
    }

    Unadded forward(Unadded x, Answers* taps) {
        for (std::size_t block = 0; block < layer_->size(); ++block)
            x = layer_[block]->as<WideBlock>()->forward(x, block == 0 ? taps : nullptr);
        return x;
    }

  private:
    torch::nn::ModuleList layer_;
};

class WideResNet final : public Network {
  public:
    WideResNet(std::int64_t depth, std::int64_t widening, std::int64_t channels, std::int64_t classes)
        : Network(Initialisation::kaiming_fan_out)
        , conv1_(register_module("conv1", convolution(channels, 16, 3))) {
        const std::int64_t blocks = (depth - 4) / 6;
        std::int64_t in = 16;
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            const std::int64_t out = (std::int64_t{16} << stage) * widening;
            stages_[stage] = register_module("block" + std::to_string(stage + 1),
                                             std::make_shared<Stage>(blocks, in, out, stage == 0 ? 1 : 2));
            in = out;
        }
        bn1_ = register_module("bn1", BatchNorm(in));
        fc_ = register_module("fc", torch::nn::Linear(in, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        Unadded left{conv1_->forward(x), {}};
        if (taps) {
            taps->features.push_back(left.y);
            taps->preactivations.push_back(left.y);
        }
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            // The first stage's own normalisation is of the stem: it is no tap of the published code.
            left = stages_[stage]->forward(left, stage == 0 ? nullptr : taps);
            if (!taps) continue;
            left = {left.sum(), {}};
            taps->features.push_back(left.y);
        }
        torch::Tensor y =
            added_up(*bn1_, left.y, left.shortcut, taps ? Then::nothing : Then::relu).normalised;
        if (taps) {
            taps->preactivations.push_back(y);
            y = y.relu();
        }
        y = pooled(y);
        if (taps) taps->features.push_back(y);
        return fc_->forward(y);
    }

  private:
    torch::nn::Conv2d conv1_;
    std::array<std::shared_ptr<Stage>, 3> stages_;
    BatchNorm bn1_{nullptr};
    torch::nn::Linear fc_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_wide_resnet(std::int64_t depth, std::int64_t widening, const InputSpec& input,
                                          std::int64_t classes) {
    return std::make_shared<WideResNet>(depth, widening, input.channels(), classes);
}

} // namespace limbeck
