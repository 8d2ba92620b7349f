// SPDX-License-Identifier: GPL-3.0-or-later
// Liu et al. 2022, "A ConvNet for the 2020s", at the width and depth of timm's convnext_femto and under its
// names.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

constexpr std::array<std::int64_t, 4> depths{2, 2, 6, 2}, widths{48, 96, 192, 384};
constexpr std::int64_t patch = 4;

/// Over the channels of each pixel of [B, C, H, W], or of each row of [B, C].
class ChannelNorm final : public torch::nn::LayerNormImpl {
  public:
    explicit ChannelNorm(std::int64_t channels)
        : LayerNormImpl(torch::nn::LayerNormOptions({channels}).eps(1e-6)) {}

    torch::Tensor over_channels(const torch::Tensor& x) {
        return forward(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
    }
};

torch::nn::Conv2d strided(std::int64_t in, std::int64_t out, std::int64_t side) {
    return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).stride(side));
}

class ConvNextBlock final : public torch::nn::Module {
  public:
    explicit ConvNextBlock(std::int64_t channels)
        : conv_dw_(register_module("conv_dw", depthwise(channels, 7, 1, /*bias=*/true)))
        , norm_(register_module("norm", std::make_shared<ChannelNorm>(channels))) {
        auto mlp = std::make_shared<torch::nn::Module>();
        fc1_ = mlp->register_module("fc1", convolution(channels, 4 * channels, 1, 1, 1, true));
        fc2_ = mlp->register_module("fc2", convolution(4 * channels, channels, 1, 1, 1, true));
        register_module("mlp", mlp);
        gamma_ = register_parameter("gamma", torch::zeros({channels}));
    }

    torch::Tensor forward(const torch::Tensor& x) {
        const torch::Tensor y =
            fc2_->forward(torch::gelu(fc1_->forward(norm_->over_channels(conv_dw_->forward(x)))));
        return x + y * gamma_.view({1, -1, 1, 1});
    }

  private:
    torch::nn::Conv2d conv_dw_;
    std::shared_ptr<ChannelNorm> norm_;
    torch::nn::Conv2d fc1_{nullptr}, fc2_{nullptr};
    torch::Tensor gamma_;
};

class Stage final : public torch::nn::Module {
  public:
    Stage(std::int64_t in, std::int64_t out, std::int64_t depth) {
        if (in != out) {
            auto downsample = std::make_shared<torch::nn::Module>();
            norm_ = downsample->register_module("0", std::make_shared<ChannelNorm>(in));
            halve_ = downsample->register_module("1", strided(in, out, 2));
            register_module("downsample", downsample);
        }
        for (std::int64_t block = 0; block < depth; ++block)
            blocks_->push_back(std::make_shared<ConvNextBlock>(out));
        register_module("blocks", blocks_);
    }

    torch::Tensor forward(torch::Tensor x) {
        if (norm_) x = halve_->forward(norm_->over_channels(x));
        for (const auto& block : *blocks_)
            x = block->as<ConvNextBlock>()->forward(x);
        return x;
    }

  private:
    std::shared_ptr<ChannelNorm> norm_;
    torch::nn::Conv2d halve_{nullptr};
    torch::nn::ModuleList blocks_;
};

class ConvNext final : public Network {
  public:
    ConvNext(std::int64_t channels, std::int64_t classes) : Network(Initialisation::narrow_normal) {
        auto stem = std::make_shared<torch::nn::Module>();
        patches_ = stem->register_module("0", strided(channels, widths[0], patch));
        patches_norm_ = stem->register_module("1", std::make_shared<ChannelNorm>(widths[0]));
        register_module("stem", stem);
        std::int64_t in = widths[0];
        for (std::size_t stage = 0; stage < depths.size(); ++stage) {
            stages_->push_back(std::make_shared<Stage>(in, widths[stage], depths[stage]));
            in = widths[stage];
        }
        register_module("stages", stages_);
        auto head = std::make_shared<torch::nn::Module>();
        norm_ = head->register_module("norm", std::make_shared<ChannelNorm>(in));
        fc_ = head->register_module("fc", torch::nn::Linear(in, classes));
        register_module("head", head);
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = patches_norm_->over_channels(patches_->forward(x));
        tap_linear(y, taps);
        for (const auto& stage : *stages_) {
            y = stage->as<Stage>()->forward(y);
            tap_linear(y, taps);
        }
        y = norm_->forward(pooled(y));
        if (taps) taps->features.push_back(y);
        return fc_->forward(y);
    }

  private:
    torch::nn::Conv2d patches_{nullptr};
    std::shared_ptr<ChannelNorm> patches_norm_;
    torch::nn::ModuleList stages_;
    std::shared_ptr<ChannelNorm> norm_;
    torch::nn::Linear fc_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_convnext_femto(const InputSpec& input, std::int64_t classes) {
    return std::make_shared<ConvNext>(input.channels(), classes);
}

} // namespace limbeck
