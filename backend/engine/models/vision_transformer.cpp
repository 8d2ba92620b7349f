// SPDX-License-Identifier: GPL-3.0-or-later
// Dosovitskiy et al. 2021 at the width of DeiT-Ti (Touvron et al. 2021), for small pictures: patches of 4×4.
// Names as in timm's VisionTransformer with that patch.
#include "backend/engine/models/families.h"

#include <cmath>

#include <torch/torch.h>

#include "backend/engine/models/layers.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

constexpr std::int64_t width = 192, heads = 3, patch = 4;

torch::nn::LayerNorm norm() {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-6));
}

class Attention final : public torch::nn::Module {
  public:
    Attention()
        : qkv_(register_module("qkv", torch::nn::Linear(width, 3 * width)))
        , proj_(register_module("proj", torch::nn::Linear(width, width))) {}

    /// [B, N, D]; softmax(Q·Kᵀ/√d)·V for each head.
    torch::Tensor forward(const torch::Tensor& x) {
        const auto batch = x.size(0), tokens = x.size(1), depth = width / heads;
        const auto parts =
            qkv_->forward(x).view({batch, tokens, 3, heads, depth}).permute({2, 0, 3, 1, 4}).unbind(0);
        const torch::Tensor scores =
            parts[0].matmul(parts[1].transpose(-2, -1)) * (1 / std::sqrt(static_cast<double>(depth)));
        const torch::Tensor mixed = scores.softmax(-1).matmul(parts[2]);
        return proj_->forward(mixed.transpose(1, 2).reshape({batch, tokens, width}));
    }

  private:
    torch::nn::Linear qkv_, proj_;
};

/// x + attention(norm(x)), then x + mlp(norm(x)).
class TransformerBlock final : public torch::nn::Module {
  public:
    TransformerBlock()
        : norm1_(register_module("norm1", norm()))
        , attention_(register_module("attn", std::make_shared<Attention>()))
        , norm2_(register_module("norm2", norm())) {
        auto mlp = std::make_shared<torch::nn::Module>();
        fc1_ = mlp->register_module("fc1", torch::nn::Linear(width, 4 * width));
        fc2_ = mlp->register_module("fc2", torch::nn::Linear(4 * width, width));
        register_module("mlp", mlp);
    }

    torch::Tensor forward(const torch::Tensor& x) {
        const torch::Tensor y = x + attention_->forward(norm1_->forward(x));
        return y + fc2_->forward(torch::gelu(fc1_->forward(norm2_->forward(y))));
    }

  private:
    torch::nn::LayerNorm norm1_;
    std::shared_ptr<Attention> attention_;
    torch::nn::LayerNorm norm2_;
    torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
};

class VisionTransformer final : public Network {
  public:
    VisionTransformer(std::int64_t depth, bool class_token, const InputSpec& input, std::int64_t classes)
        : Network(Initialisation::narrow_normal)
        , rows_((input.shape[1] + patch - 1) / patch)
        , columns_((input.shape[2] + patch - 1) / patch)
        , class_token_(class_token) {
        cls_token_ = register_parameter("cls_token", torch::zeros({1, 1, width}));
        pos_embed_ = register_parameter("pos_embed", torch::zeros({1, 1 + rows_ * columns_, width}));
        auto embedding = std::make_shared<torch::nn::Module>();
        patches_ = embedding->register_module(
            "proj",
            torch::nn::Conv2d(torch::nn::Conv2dOptions(input.channels(), width, patch).stride(patch)));
        register_module("patch_embed", embedding);
        for (std::int64_t block = 0; block < depth; ++block)
            blocks_->push_back(std::make_shared<TransformerBlock>());
        register_module("blocks", blocks_);
        norm_ = register_module(class_token ? "norm" : "fc_norm", norm());
        head_ = register_module("head", torch::nn::Linear(width, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = patches_->forward(whole_patches(x)).flatten(2).transpose(1, 2);
        y = torch::cat({cls_token_.expand({x.size(0), 1, width}), y}, 1) + pos_embed_;
        tap_linear(picture(y), taps);
        const std::size_t depth = blocks_->size();
        std::size_t quarter = 1;
        for (std::size_t block = 0; block < depth; ++block) {
            y = blocks_[block]->as<TransformerBlock>()->forward(y);
            // After the block that completes a quarter: of 6 blocks the second, third, fifth and sixth.
            if (taps && (block + 1) * 4 >= quarter * depth) {
                tap_linear(picture(y), taps);
                ++quarter;
            }
        }
        y = class_token_ ? norm_->forward(y.select(1, 0)) : norm_->forward(y.slice(1, 1).mean(1));
        if (taps) taps->features.push_back(y);
        return head_->forward(y);
    }

  private:
    /// Filled up with zeros on the right and below where a side is no multiple of the patch's.
    torch::Tensor whole_patches(const torch::Tensor& x) const {
        const auto below = rows_ * patch - x.size(2), right = columns_ * patch - x.size(3);
        return below == 0 && right == 0 ? x : torch::constant_pad_nd(x, {0, right, 0, below});
    }

    /// The patches' tokens as [B, D, rows, columns]; the class token is left out.
    torch::Tensor picture(const torch::Tensor& tokens) const {
        return tokens.slice(1, 1).transpose(1, 2).reshape({tokens.size(0), width, rows_, columns_});
    }

    std::int64_t rows_, columns_;
    bool class_token_;
    torch::Tensor cls_token_, pos_embed_;
    torch::nn::Conv2d patches_{nullptr};
    torch::nn::ModuleList blocks_;
    torch::nn::LayerNorm norm_{nullptr};
    torch::nn::Linear head_{nullptr};
};

tl::unexpected<Error> wrong_option(std::string_view option, std::string_view value, std::string_view right) {
    return failure(ErrorKind::configuration, "The option " + std::string(option) + " of a vit_tiny is \"" +
                                                 std::string(value) + "\"; " + std::string(right) +
                                                 " is right.");
}

} // namespace

Result<std::shared_ptr<Network>> make_vision_transformer(const NetworkSpec& spec, const InputSpec& input,
                                                         std::int64_t classes) {
    std::int64_t depth = 12;
    if (const auto found = spec.options.find("depth"); found != spec.options.end()) {
        const auto read = parse_integer(found->second);
        if (!read || *read < 4 || *read > 12)
            return wrong_option("depth", found->second, "a whole number from 4 to 12");
        depth = *read;
    }
    const auto pool = spec.options.find("pool");
    if (pool != spec.options.end() && pool->second != "cls" && pool->second != "mean")
        return wrong_option("pool", pool->second, "cls or mean");
    const bool class_token = pool == spec.options.end() || pool->second == "cls";
    return std::make_shared<VisionTransformer>(depth, class_token, input, classes);
}

} // namespace limbeck
