// SPDX-License-Identifier: GPL-3.0-or-later
// Networks that a person puts together from layers: "stack:conv3-32,bn,relu,pool2,fc".
#include "backend/types/stack.h"

#include <torch/torch.h>

#include "backend/engine/models/families.h"
#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

using Kind = StackLayer::Kind;
using torch::Tensor;

constexpr auto golden = static_cast<std::int64_t>(0x9E3779B97F4A7C15ULL);

/// SplitMix64 (see backend/types/random.h) of each element; 64-bit integers wrap around here as there.
Tensor mixed(const Tensor& values) {
    const auto shifted = [](const Tensor& x, int bits) { // without copies of the sign
        return x.bitwise_right_shift(bits).bitwise_and_((std::int64_t{1} << (64 - bits)) - 1);
    };
    Tensor x = values + golden;
    x.bitwise_xor_(shifted(x, 30)).mul_(static_cast<std::int64_t>(0xBF58476D1CE4E5B9ULL));
    x.bitwise_xor_(shifted(x, 27)).mul_(static_cast<std::int64_t>(0x94D049BB133111EBULL));
    return x.bitwise_xor_(shifted(x, 31));
}

/// 0, or 1 / (1 − probability) for the values that stay (Srivastava 2014). What is drawn depends on the key
/// alone, on every device, and no number has to come back from it: a generator could do neither.
Tensor dropout_mask(const Tensor& x, double probability, const Tensor& key) {
    constexpr int bits = 24;
    const Tensor places = torch::arange(x.numel(), key.options()).mul_(golden).add_(key);
    const Tensor drawn = mixed(places).bitwise_and_((std::int64_t{1} << bits) - 1);
    const auto threshold = static_cast<std::int64_t>(probability * (1 << bits));
    return drawn.ge(threshold).view(x.sizes()).to(x.scalar_type()).div_(1 - probability);
}

bool is_activation(Kind kind) {
    return kind == Kind::relu || kind == Kind::gelu;
}

bool ends_a_stage(Kind kind) {
    return is_activation(kind) || kind == Kind::max_pool || kind == Kind::average_pool ||
           kind == Kind::global_pool;
}

class Stack final : public Network {
  public:
    Stack(std::vector<StackLayer> layers, const std::vector<StackShape>& flow, const InputSpec& input,
          std::int64_t classes)
        : layers_(std::move(layers)), modules_(layers_.size()) {
        auto named = std::make_shared<torch::nn::Module>();
        std::vector<std::int64_t> shape = input.shape;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            const bool last = i + 1 == layers_.size();
            modules_[i] = make(layers_[i], shape, classes);
            if (modules_[i] && !last) named->register_module(std::to_string(i), modules_[i]);
            if (layers_[i].kind == Kind::dropout) drops_ = true;
            shape = flow[i].shape;
        }
        register_module("layers", named);
        register_module("fc", modules_.back());
        for (std::size_t i = 0; i < layers_.size(); ++i)
            tapped_.push_back(is_tap(i, flow));
        if (!drops_) return;
        seed_ = register_buffer(dropout_seed_name, torch::zeros({}, torch::kInt64));
        steps_ = register_buffer(dropout_steps_name, torch::zeros({}, torch::kInt64));
    }

  protected:
    Tensor run(const Tensor& x, Answers* taps) override {
        Tensor y = x;
        Tensor key;
        if (drops_ && is_training()) {
            const torch::NoGradGuard no_grad;
            key = mixed(seed_ + steps_);
            steps_.add_(1);
        }
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            const Tensor before = y;
            if (i + 1 == layers_.size()) {
                y = y.flatten(1);
                if (taps) taps->features.push_back(y);
            }
            y = apply(i, y, key);
            if (!taps || !tapped_[i]) continue;
            taps->features.push_back(y);
            taps->preactivations.push_back(is_activation(layers_[i].kind) ? before : y);
        }
        return y;
    }

  private:
    /// Whether the next layer, dropout aside, leaves another resolution than it finds or is a linear one;
    /// what the classifier reads is a tap by itself.
    bool is_tap(std::size_t i, const std::vector<StackShape>& flow) const {
        if (i + 1 == layers_.size() || !ends_a_stage(layers_[i].kind)) return false;
        std::size_t next = i + 1;
        while (layers_[next].kind == Kind::dropout)
            ++next; // ends: the classifier comes last
        const auto &before = flow[i].shape, &after = flow[next].shape;
        if (before.size() != 3) return layers_[next].kind == Kind::linear && next + 1 < layers_.size();
        return after.size() != 3 || before[1] != after[1] || before[2] != after[2];
    }

    static std::shared_ptr<torch::nn::Module>
    make(const StackLayer& layer, const std::vector<std::int64_t>& shape, std::int64_t classes) {
        if (layer.kind == Kind::convolution)
            return convolution(shape[0], layer.width, layer.side, layer.stride, 1, /*bias=*/true).ptr();
        if (layer.kind == Kind::linear)
            return torch::nn::Linear(InputSpec{shape}.values(), layer.width == 0 ? classes : layer.width)
                .ptr();
        if (layer.kind != Kind::batch_norm) return nullptr;
        if (shape.size() == 3) return BatchNorm(shape[0]).ptr();
        return torch::nn::BatchNorm1d(shape[0]).ptr();
    }

    Tensor apply(std::size_t i, const Tensor& x, const Tensor& key) {
        const StackLayer& layer = layers_[i];
        switch (layer.kind) {
        case Kind::convolution:
            return modules_[i]->as<torch::nn::Conv2d>()->forward(x);
        case Kind::linear:
            return modules_[i]->as<torch::nn::Linear>()->forward(x.flatten(1));
        case Kind::batch_norm:
            if (auto* norm = modules_[i]->as<BatchNorm>()) return normalised(*norm, x);
            return modules_[i]->as<torch::nn::BatchNorm1d>()->forward(x);
        case Kind::relu:
            return x.relu();
        case Kind::gelu:
            return torch::gelu(x);
        case Kind::max_pool:
            return torch::max_pool2d(x, layer.side);
        case Kind::average_pool:
            return torch::avg_pool2d(x, layer.side);
        case Kind::global_pool:
            return pooled(x);
        case Kind::flatten:
            return x.flatten(1);
        case Kind::dropout:
            if (!key.defined()) return x;
            return x * dropout_mask(x, layer.probability, mixed(key + static_cast<std::int64_t>(i)));
        }
        return x;
    }

    std::vector<StackLayer> layers_;
    std::vector<std::shared_ptr<torch::nn::Module>> modules_; ///< null for layers without parameters
    std::vector<bool> tapped_;
    bool drops_ = false;
    Tensor seed_, steps_;
};

} // namespace

Result<std::shared_ptr<Network>> make_stack(const NetworkSpec& spec, const InputSpec& input,
                                            std::int64_t classes) {
    const auto option = spec.options.find(std::string(stack_layers_option));
    if (option == spec.options.end())
        return failure(ErrorKind::configuration, "A stack is made of layers and none are given; "
                                                 "stack:conv3-32,bn,relu,pool2,fc is right.");
    auto layers = parse_stack(option->second);
    if (!layers) return tl::unexpected<Error>(std::move(layers.error()));
    const auto flow = flow_shapes(*layers, input.shape, classes);
    if (!flow) return tl::unexpected<Error>(flow.error());
    std::int64_t parameters = 0;
    for (const StackShape& each : *flow)
        parameters += each.parameters;
    if (parameters > most_parameters)
        return failure(ErrorKind::configuration, "The stack on " + to_string(input) + " would have " +
                                                     std::to_string(parameters) + " parameters; at most " +
                                                     std::to_string(most_parameters) + " are built.");
    return std::make_shared<Stack>(std::move(*layers), *flow, input, classes);
}

} // namespace limbeck
