// SPDX-License-Identifier: GPL-3.0-or-later
// Simonyan and Zisserman 2014 with batch norm and a single linear layer, as RepDistiller cuts it for CIFAR.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

/// Convolutions with batch norm and ReLU, named as in a Sequential of (convolution, batch norm, ReLU)…; the
/// last ReLU is the caller's choice.
class Stage final : public torch::nn::Module {
  public:
    Stage(std::int64_t in, std::int64_t out, std::int64_t layers) {
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            convolutions_.push_back(
                register_module(std::to_string(3 * layer), convolution(in, out, 3, 1, 1, /*bias=*/true)));
            norms_.push_back(register_module(std::to_string(3 * layer + 1), BatchNorm(out)));
            in = out;
        }
    }

    torch::Tensor forward(torch::Tensor x, Then last) {
        for (std::size_t layer = 0; layer < norms_.size(); ++layer) {
            const Then then = layer + 1 < norms_.size() ? Then::relu : last;
            x = convolved(*convolutions_[layer], *norms_[layer], x, then);
        }
        return x;
    }

  private:
    std::vector<torch::nn::Conv2d> convolutions_;
    std::vector<BatchNorm> norms_;
};

class Vgg final : public Network {
  public:
    Vgg(const VggLayers& layers, std::int64_t channels, std::int64_t classes)
        : Network(Initialisation::kaiming_narrow_classifier) {
        std::int64_t in = channels;
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            const std::int64_t out = std::min(std::int64_t{64} << stage, std::int64_t{512});
            stages_[stage] = register_module("block" + std::to_string(stage),
                                             std::make_shared<Stage>(in, out, layers[stage]));
            in = out;
        }
        classifier_ = register_module("classifier", torch::nn::Linear(in, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = x;
        for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
            // The fourth pooling is for pictures of 64 rows only, as published.
            const bool pools = stage > 0 && (stage < 4 || x.size(2) == 64);
            if (pools) y = torch::max_pool2d(y, 2);
            y = stages_[stage]->forward(y, taps ? Then::nothing : Then::relu);
            if (taps) y = activate(y, taps);
        }
        y = pooled(y);
        if (taps) taps->features.push_back(y);
        return classifier_->forward(y);
    }

  private:
    std::array<std::shared_ptr<Stage>, 5> stages_;
    torch::nn::Linear classifier_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_vgg(const VggLayers& layers, const InputSpec& input, std::int64_t classes) {
    return std::make_shared<Vgg>(layers, input.channels(), classes);
}

} // namespace limbeck
