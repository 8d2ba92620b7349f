// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/network.h"

#include <cmath>

#include <torch/torch.h>

#include "backend/types/random.h"

namespace limbeck {

namespace {

/// Draws on the CPU in float32, wherever and whatever the parameter is.
class Draw {
  public:
    Draw(std::uint64_t seed, std::string_view stream)
        : generator_(at::make_generator<at::CPUGeneratorImpl>(stream_seed(seed, stream))) {}

    void normal(torch::Tensor& parameter, double deviation) {
        parameter.copy_(torch::empty(parameter.sizes()).normal_(0, deviation, generator_));
    }

    void uniform(torch::Tensor& parameter, double bound) {
        parameter.copy_(torch::empty(parameter.sizes()).uniform_(-bound, bound, generator_));
    }

    /// PyTorch's default for a layer with weight [out, in, …].
    void layer(torch::Tensor& weight, torch::Tensor& bias) {
        const double fan_in = static_cast<double>(weight[0].numel());
        uniform(weight, 1 / std::sqrt(fan_in));
        if (bias.defined()) uniform(bias, 1 / std::sqrt(fan_in));
    }

  private:
    torch::Generator generator_;
};

} // namespace

void initialise(Network& network, std::uint64_t seed) {
    initialise_layers(network, seed, "initialisation",
                      network.initialisation() == Initialisation::kaiming_fan_out);
}

void initialise_layers(torch::nn::Module& root, std::uint64_t seed, std::string_view stream, bool kaiming) {
    const torch::NoGradGuard no_grad;
    Draw draw(seed, stream);
    // modules() goes in the order of registration: the same draws for the same network.
    for (const auto& module : root.modules(/*include_self=*/false)) {
        if (auto* conv = module->as<torch::nn::Conv2dImpl>()) {
            if (kaiming) {
                const auto fan_out = conv->weight.size(0) * conv->weight[0][0].numel();
                draw.normal(conv->weight, std::sqrt(2.0 / static_cast<double>(fan_out)));
                if (conv->bias.defined()) conv->bias.zero_();
            } else {
                draw.layer(conv->weight, conv->bias);
            }
        } else if (auto* up = module->as<torch::nn::ConvTranspose2dImpl>()) {
            draw.layer(up->weight, up->bias);
        } else if (auto* linear = module->as<torch::nn::LinearImpl>()) {
            draw.layer(linear->weight, linear->bias);
        } else if (auto* norm = module->as<torch::nn::BatchNorm2dImpl>()) {
            norm->reset_running_stats();
            norm->weight.fill_(1);
            norm->bias.zero_();
        } else if (auto* flat_norm = module->as<torch::nn::BatchNorm1dImpl>()) {
            flat_norm->reset_running_stats();
            flat_norm->weight.fill_(1);
            flat_norm->bias.zero_();
        }
    }
}

} // namespace limbeck
