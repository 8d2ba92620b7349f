// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/families.h"

#include <charconv>

#include <torch/torch.h>

#include "backend/engine/tensors.h"

namespace limbeck {

namespace {

constexpr const char* default_hidden = "64x64";
constexpr std::int64_t widest_layer = 65536, most_layers = 64;
/// 4 GB of float32, times four with gradient and optimiser: a typing error, not a wish.
constexpr std::int64_t most_parameters = 1'000'000'000;

tl::unexpected<Error> refused(std::string message) {
    return failure(ErrorKind::configuration, std::move(message));
}

Result<std::vector<std::int64_t>> parse_widths(std::string_view text) {
    const auto wrong = [&] {
        return refused("The hidden widths of an mlp are numbers from 1 to " + std::to_string(widest_layer) +
                       " with x between them, at most " + std::to_string(most_layers) +
                       " of them (\"64x64\"); found \"" + std::string(text) + "\".");
    };
    std::vector<std::int64_t> widths;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        std::int64_t width = 0;
        const auto [next, error] = std::from_chars(at, end, width);
        if (error != std::errc() || width < 1 || width > widest_layer) return wrong();
        widths.push_back(width);
        if (widths.size() > static_cast<std::size_t>(most_layers)) return wrong();
        if (next == end) return widths;
        if (*next != 'x') return wrong();
        at = next + 1;
    }
}

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

Result<std::shared_ptr<Network>> make_mlp(const NetworkSpec& spec, const InputSpec& input,
                                          std::int64_t classes) {
    const auto hidden = spec.options.find("hidden");
    const auto widths = parse_widths(hidden == spec.options.end() ? default_hidden : hidden->second);
    if (!widths) return tl::unexpected<Error>(widths.error());
    std::int64_t parameters = 0, before = input.values();
    for (const std::int64_t width : *widths) {
        parameters += (before + 1) * width;
        before = width;
    }
    parameters += (before + 1) * classes;
    if (parameters > most_parameters)
        return refused(to_string(spec) + " on " + shape_text(input.shape) + " would have " +
                       std::to_string(parameters) + " parameters; at most " +
                       std::to_string(most_parameters) + " are built.");
    return std::make_shared<Mlp>(*widths, input.values(), classes);
}

} // namespace limbeck
