// SPDX-License-Identifier: GPL-3.0-or-later
// Howard et al. 2019, "Searching for MobileNetV3", table 2 (Small), under the names of torchvision. Without
// its dropout before the classifier.
#include "backend/engine/models/families.h"

#include <torch/torch.h>

#include "backend/engine/models/layers.h"

namespace limbeck {

namespace {

using torch::nn::Sequential;

BatchNorm norm(std::int64_t channels) {
    return BatchNorm(torch::nn::BatchNorm2dOptions(channels).eps(1e-3).momentum(0.01));
}

/// Weighs the channels by what they hold on average (Hu 2018), with a hard sigmoid.
class SqueezeExcitation final : public torch::nn::Module {
  public:
    explicit SqueezeExcitation(std::int64_t channels)
        : fc1_(register_module("fc1", convolution(channels, squeezed(channels), 1, 1, 1, true)))
        , fc2_(register_module("fc2", convolution(squeezed(channels), channels, 1, 1, 1, true))) {}

    torch::Tensor forward(const torch::Tensor& x) {
        return x * torch::hardsigmoid(fc2_->forward(fc1_->forward(x.mean({2, 3}, true)).relu_()));
    }

  private:
    /// A quarter, as a multiple of 8 that is at least 8 and no more than a tenth below the quarter.
    static std::int64_t squeezed(std::int64_t channels) {
        const std::int64_t quarter = channels / 4;
        const std::int64_t rounded = std::max<std::int64_t>(8, (quarter + 4) / 8 * 8);
        return rounded * 10 < quarter * 9 ? rounded + 8 : rounded;
    }

    torch::nn::Conv2d fc1_, fc2_;
};

struct Row {
    std::int64_t in, side, expanded, out;
    bool squeezes, hard_swish;
    std::int64_t stride;
    bool tap; ///< the last of its resolution
};

constexpr std::array<Row, 11> rows{{{16, 3, 16, 16, true, false, 2, true},
                                    {16, 3, 72, 24, false, false, 2, false},
                                    {24, 3, 88, 24, false, false, 1, true},
                                    {24, 5, 96, 40, true, true, 2, false},
                                    {40, 5, 240, 40, true, true, 1, false},
                                    {40, 5, 240, 40, true, true, 1, false},
                                    {40, 5, 120, 48, true, true, 1, false},
                                    {48, 5, 144, 48, true, true, 1, true},
                                    {48, 5, 288, 96, true, true, 2, false},
                                    {96, 5, 576, 96, true, true, 1, false},
                                    {96, 5, 576, 96, true, true, 1, true}}};
constexpr std::int64_t stem_width = 16, last_width = 576, hidden_width = 1024;

class Bottleneck final : public torch::nn::Module {
  public:
    explicit Bottleneck(const Row& row)
        : hard_swish_(row.hard_swish), adds_(row.stride == 1 && row.in == row.out) {
        const auto normalised = [](torch::nn::Conv2d layer, std::int64_t channels) {
            return Sequential(std::move(layer), norm(channels));
        };
        if (row.expanded != row.in)
            expand_ = add(normalised(convolution(row.in, row.expanded, 1), row.expanded));
        depthwise_ = add(normalised(depthwise(row.expanded, row.side, row.stride), row.expanded));
        if (row.squeezes) squeeze_ = add(std::make_shared<SqueezeExcitation>(row.expanded));
        project_ = add(normalised(convolution(row.expanded, row.out, 1), row.out));
        register_module("block", block_);
    }

    torch::Tensor forward(const torch::Tensor& x) {
        torch::Tensor y = expand_ ? active(expand_, x) : x;
        y = active(depthwise_, y);
        if (squeeze_) y = squeeze_->forward(y);
        return convolved(project_, 0, y, Then::nothing, adds_ ? x : torch::Tensor());
    }

  private:
    template <class Layer>
    Layer add(Layer layer) {
        block_->push_back(layer);
        return layer;
    }

    torch::Tensor active(Sequential& layers, const torch::Tensor& x) const {
        return hard_swish_ ? torch::hardswish(convolved(layers, 0, x)) : convolved(layers, 0, x, Then::relu);
    }

    bool hard_swish_, adds_;
    torch::nn::ModuleList block_;
    Sequential expand_{nullptr}, depthwise_{nullptr}, project_{nullptr};
    std::shared_ptr<SqueezeExcitation> squeeze_;
};

class MobileNetV3Small final : public Network {
  public:
    MobileNetV3Small(std::int64_t channels, std::int64_t classes)
        : Network(Initialisation::kaiming_narrow_classifier)
        , stem_(convolution(channels, stem_width, 3, 2), norm(stem_width))
        , last_(convolution(rows.back().out, last_width, 1), norm(last_width)) {
        features_->push_back(stem_);
        for (const Row& row : rows)
            features_->push_back(std::make_shared<Bottleneck>(row));
        features_->push_back(last_);
        register_module("features", features_);
        // "classifier.0" and "classifier.3": between them stand the activation and the dropout of the
        // published.
        auto classifier = std::make_shared<torch::nn::Module>();
        hidden_ = classifier->register_module("0", torch::nn::Linear(last_width, hidden_width));
        classifier_ = classifier->register_module("3", torch::nn::Linear(hidden_width, classes));
        register_module("classifier", classifier);
    }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override {
        torch::Tensor y = swish(convolved(stem_, 0, x), taps);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            y = features_[i + 1]->as<Bottleneck>()->forward(y);
            if (rows[i].tap) tap_linear(y, taps);
        }
        y = pooled(torch::hardswish(convolved(last_, 0, y)));
        y = torch::hardswish(hidden_->forward(y));
        if (taps) taps->features.push_back(y);
        return classifier_->forward(y);
    }

  private:
    static torch::Tensor swish(const torch::Tensor& x, Answers* taps) {
        const torch::Tensor y = torch::hardswish(x);
        if (taps) {
            taps->preactivations.push_back(x);
            taps->features.push_back(y);
        }
        return y;
    }

    torch::nn::ModuleList features_;
    Sequential stem_, last_;
    torch::nn::Linear hidden_{nullptr}, classifier_{nullptr};
};

} // namespace

std::shared_ptr<Network> make_mobilenet_v3_small(const InputSpec& input, std::int64_t classes) {
    return std::make_shared<MobileNetV3Small>(input.channels(), classes);
}

} // namespace limbeck
