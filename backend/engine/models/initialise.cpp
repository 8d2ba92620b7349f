// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/network.h"

#include <cmath>
#include <optional>

#include <torch/torch.h>

#include "backend/types/random.h"

namespace limbeck {

namespace {

constexpr double narrow = 0.02, narrow_classifier = 0.01, layer_scale = 1e-6;

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

/// Normal where a deviation is given, else PyTorch's default; with one the bias is 0.
void draw_layer(Draw& draw, torch::Tensor& weight, torch::Tensor& bias, std::optional<double> deviation) {
    if (!deviation) return draw.layer(weight, bias);
    draw.normal(weight, *deviation);
    if (bias.defined()) bias.zero_();
}

std::optional<double> deviation_of_convolution(const torch::Tensor& weight, Initialisation how) {
    if (how == Initialisation::pytorch) return std::nullopt;
    if (how == Initialisation::narrow_normal) return narrow;
    const auto fan_out = weight.size(0) * weight[0][0].numel();
    return std::sqrt(2.0 / static_cast<double>(fan_out));
}

std::optional<double> deviation_of_linear(Initialisation how) {
    if (how == Initialisation::narrow_normal) return narrow;
    if (how == Initialisation::kaiming_narrow_classifier) return narrow_classifier;
    return std::nullopt;
}

template <class Norm>
void reset_norm(Norm& norm) {
    norm.reset_running_stats();
    norm.weight.fill_(1);
    norm.bias.zero_();
}

/// False where the module is no layer.
bool draw_module(Draw& draw, torch::nn::Module& module, Initialisation how) {
    if (auto* conv = module.as<torch::nn::Conv2dImpl>())
        draw_layer(draw, conv->weight, conv->bias, deviation_of_convolution(conv->weight, how));
    else if (auto* up = module.as<torch::nn::ConvTranspose2dImpl>())
        draw.layer(up->weight, up->bias);
    else if (auto* linear = module.as<torch::nn::LinearImpl>())
        draw_layer(draw, linear->weight, linear->bias, deviation_of_linear(how));
    else if (auto* norm = module.as<torch::nn::BatchNorm2dImpl>())
        reset_norm(*norm);
    else if (auto* flat_norm = module.as<torch::nn::BatchNorm1dImpl>())
        reset_norm(*flat_norm);
    else if (auto* layer_norm = module.as<torch::nn::LayerNormImpl>()) {
        layer_norm->weight.fill_(1);
        layer_norm->bias.zero_();
    } else
        return false;
    return true;
}

/// What a network learns beside its layers: a layer scale ("gamma") starts small, so that a block starts as
/// the identity (Touvron 2021); positions and tokens are drawn.
void draw_loose(Draw& draw, torch::nn::Module& module) {
    for (auto& item : module.named_parameters(/*recurse=*/false)) {
        if (item.key() == "gamma")
            item.value().fill_(layer_scale);
        else
            draw.normal(item.value(), narrow);
    }
}

} // namespace

void initialise(Network& network, std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    Draw draw(seed, "initialisation");
    draw_loose(draw, network);
    // modules() goes in the order of registration: the same draws for the same network.
    for (const auto& module : network.modules(/*include_self=*/false))
        if (!draw_module(draw, *module, network.initialisation())) draw_loose(draw, *module);
}

void initialise_layers(torch::nn::Module& root, std::uint64_t seed, std::string_view stream, bool kaiming) {
    const torch::NoGradGuard no_grad;
    Draw draw(seed, stream);
    for (const auto& module : root.modules(/*include_self=*/false))
        draw_module(draw, *module, kaiming ? Initialisation::kaiming_fan_out : Initialisation::pytorch);
}

} // namespace limbeck
