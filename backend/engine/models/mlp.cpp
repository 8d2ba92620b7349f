// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/families.h"

#include <torch/torch.h>

namespace limbeck {

namespace {

class Mlp final : public Network {
  public:
    Mlp(const std::vector<std::int64_t>& widths, std::int64_t inputs, std::int64_t classes) {
        for (const std::int64_t width : widths) {
            hidden_->push_back(torch::nn::Linear(inputs, width));
            inputs = width;
        }
        register_module("hidden", hidden_);
        fc_ = register_module("fc", torch::nn::Linear(inputs, classes));
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = x.flatten(1);
        for (const auto& layer : *hidden_)
            y = activate(layer->as<torch::nn::Linear>()->forward(y), taps);
        return fc_->forward(y);
    }

  private:
    torch::nn::ModuleList hidden_;
    torch::nn::Linear fc_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_mlp(const std::vector<std::int64_t>& hidden, std::int64_t inputs,
                                  std::int64_t classes) {
    return std::make_shared<Mlp>(hidden, inputs, classes);
}

} // namespace limbeck
