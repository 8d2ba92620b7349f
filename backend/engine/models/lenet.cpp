// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/families.h"

#include <torch/torch.h>

namespace limbeck {

namespace {

constexpr std::int64_t first_channels = 16, second_channels = 32, hidden_width = 128;

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out) {
    return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 5).padding(2));
}

class LeNet final : public Network {
  public:
    LeNet(const InputSpec& input, std::int64_t classes)
        : conv1_(register_module("conv1", convolution(input.shape[0], first_channels)))
        , conv2_(register_module("conv2", convolution(first_channels, second_channels)))
        , fc1_(register_module(
              "fc1", torch::nn::Linear(second_channels * (input.shape[1] / 2 / 2) * (input.shape[2] / 2 / 2),
                                       hidden_width)))
        , fc_(register_module("fc", torch::nn::Linear(hidden_width, classes))) {}

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = torch::max_pool2d(activate(conv1_->forward(x), taps), 2);
        y = torch::max_pool2d(activate(conv2_->forward(y), taps), 2);
        return fc_->forward(activate(fc1_->forward(y.flatten(1)), taps));
    }

  private:
    torch::nn::Conv2d conv1_, conv2_;
    torch::nn::Linear fc1_, fc_;
};

} // namespace

std::shared_ptr<Network> make_lenet(const InputSpec& input, std::int64_t classes) {
    return std::make_shared<LeNet>(input, classes);
}

} // namespace limbeck
