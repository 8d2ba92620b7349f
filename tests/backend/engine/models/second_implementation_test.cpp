// SPDX-License-Identifier: GPL-3.0-or-later
// The networks without golden files, computed a second time: in double precision from the state dict by name,
// after the published papers and code, with nothing but convolution, pooling and arithmetic.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/covered.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using torch::Tensor;

Tensor hard_swish(const Tensor& x) {
    return x * (x + 3).clamp(0, 6) / 6;
}

Tensor gaussian_unit(const Tensor& x) {
    return x * 0.5 * (1 + torch::erf(x / std::sqrt(2.0)));
}

/// The layers of a network by their names.
class Weights {
  public:
    explicit Weights(const Network& network) {
        for (const auto& item : network.named_parameters())
            all_[item.key()] = item.value().detach();
        for (const auto& item : network.named_buffers())
            all_[item.key()] = item.value().detach();
    }

    bool has(const std::string& name) const { return all_.contains(name); }

    Tensor operator[](const std::string& name) const { return all_.at(name); }

    /// Padded to keep the size with stride 1; as many groups as the shapes ask for.
    Tensor conv(const std::string& name, const Tensor& x, std::int64_t stride = 1) const {
        const Tensor weight = all_.at(name + ".weight");
        const Tensor bias = has(name + ".bias") ? all_.at(name + ".bias") : Tensor();
        return torch::conv2d(x, weight, bias, stride, weight.size(2) / 2, 1, x.size(1) / weight.size(1));
    }

    /// Patches that do not overlap.
    Tensor patches(const std::string& name, const Tensor& x) const {
        const Tensor weight = all_.at(name + ".weight");
        return torch::conv2d(x, weight, all_.at(name + ".bias"), weight.size(2));
    }

    Tensor norm(const std::string& name, const Tensor& x, double eps = 1e-5) const {
        const auto channels = [&](const char* what) { return all_.at(name + what).view({1, -1, 1, 1}); };
        return (x - channels(".running_mean")) / (channels(".running_var") + eps).sqrt() *
                   channels(".weight") +
               channels(".bias");
    }

    /// Over the last axis.
    Tensor layer_norm(const std::string& name, const Tensor& x) const {
        const Tensor mean = x.mean(-1, true), variance = (x - mean).square().mean(-1, true);
        return (x - mean) / (variance + 1e-6).sqrt() * all_.at(name + ".weight") + all_.at(name + ".bias");
    }

    Tensor linear(const std::string& name, const Tensor& x) const {
        return x.matmul(all_.at(name + ".weight").t()) + all_.at(name + ".bias");
    }

  private:
    std::map<std::string, Tensor> all_;
};

struct Expected {
    std::vector<Tensor> features, preactivations;
    Tensor logits;

    /// A stage before and after its ReLU; returns the latter.
    Tensor relu(const Tensor& x) {
        preactivations.push_back(x);
        features.push_back(x.relu());
        return features.back();
    }

    void plain(const Tensor& x) {
        preactivations.push_back(x);
        features.push_back(x);
    }

    Tensor last(const Tensor& x) { return features.emplace_back(x); }
};

Tensor average(const Tensor& x) {
    return x.flatten(2).mean(2);
}

std::string nth(const std::string& name, std::int64_t i) {
    return name + "." + std::to_string(i);
}

Expected lenet(const Weights& w, const Tensor& x) {
    Expected e;
    Tensor y = torch::max_pool2d(e.relu(w.conv("conv1", x)), 2);
    y = torch::max_pool2d(e.relu(w.conv("conv2", y)), 2);
    e.logits = w.linear("fc", e.relu(w.linear("fc1", y.flatten(1))));
    return e;
}

Expected wide_resnet(const Weights& w, const Tensor& x) {
    Expected e;
    Tensor y = w.conv("conv1", x);
    e.plain(y);
    for (int stage = 1; stage <= 3; ++stage) {
        for (int block = 0; w.has(nth("block" + std::to_string(stage) + ".layer", block) + ".bn1.weight");
             ++block) {
            const std::string name = nth("block" + std::to_string(stage) + ".layer", block);
            const int stride = stage > 1 && block == 0 ? 2 : 1;
            const Tensor before = w.norm(name + ".bn1", y);
            if (stride == 2) e.preactivations.push_back(before);
            const Tensor inner = w.conv(name + ".conv1", before.relu(), stride);
            const Tensor outer = w.conv(name + ".conv2", w.norm(name + ".bn2", inner).relu());
            const bool projects = w.has(name + ".convShortcut.weight");
            y = outer + (projects ? w.conv(name + ".convShortcut", before.relu(), stride) : y);
        }
        e.features.push_back(y);
    }
    const Tensor before = w.norm("bn1", y);
    e.preactivations.push_back(before);
    e.logits = w.linear("fc", e.last(average(before.relu())));
    return e;
}

Expected vgg(const Weights& w, const Tensor& x) {
    Expected e;
    Tensor y = x;
    for (int stage = 0; stage < 5; ++stage) {
        const std::string block = "block" + std::to_string(stage);
        if (stage > 0 && stage < 4) y = torch::max_pool2d(y, 2);
        for (int layer = 0; w.has(nth(block, 3 * layer) + ".weight"); ++layer) {
            if (layer > 0) y = y.relu();
            y = w.norm(nth(block, 3 * layer + 1), w.conv(nth(block, 3 * layer), y));
        }
        y = e.relu(y);
    }
    e.logits = w.linear("classifier", e.last(average(y)));
    return e;
}

/// [a0 a1 … b0 b1 …] to [a0 b0 a1 b1 …].
Tensor interleave(const Tensor& a, const Tensor& b) {
    std::vector<Tensor> channels;
    for (std::int64_t c = 0; c < a.size(1); ++c) {
        channels.push_back(a.select(1, c));
        channels.push_back(b.select(1, c));
    }
    return torch::stack(channels, 1);
}

Expected shuffle_v2(const Weights& w, const Tensor& x) {
    Expected e;
    const auto step = [&](const std::string& name, int number, const Tensor& in, int stride = 1) {
        return w.norm(name + ".bn" + std::to_string(number),
                      w.conv(name + ".conv" + std::to_string(number), in, stride));
    };
    Tensor y = e.relu(w.norm("bn1", w.conv("conv1", x)));
    for (int stage = 1; stage <= 3; ++stage) {
        const std::string layer = "layer" + std::to_string(stage);
        const std::string down = nth(layer, 0);
        const Tensor left = step(down, 2, step(down, 1, y, 2)).relu();
        const Tensor right = step(down, 5, step(down, 4, step(down, 3, y).relu(), 2)).relu();
        y = interleave(left, right);
        Tensor before;
        for (int block = 1; w.has(nth(layer, block) + ".conv1.weight"); ++block) {
            const std::string name = nth(layer, block);
            const auto half = y.size(1) / 2;
            const Tensor kept = y.slice(1, 0, half);
            const Tensor moved = step(name, 3, step(name, 2, step(name, 1, y.slice(1, half)).relu()));
            before = torch::cat({kept, moved}, 1);
            y = interleave(kept, moved.relu());
        }
        e.preactivations.push_back(before);
        e.features.push_back(y);
    }
    e.logits = w.linear("linear", e.last(average(w.norm("bn2", w.conv("conv2", y)).relu())));
    return e;
}

Expected staged_resnet(const Weights& w, const Tensor& x) {
    Expected e;
    const bool cifar = w.has("linear.weight");
    Tensor y = e.relu(w.norm("bn1", w.conv("conv1", x, cifar ? 1 : 2)));
    if (!cifar) y = torch::max_pool2d(y, 3, 2, 1);
    for (int stage = 1; stage <= 4; ++stage) {
        const std::string layer = "layer" + std::to_string(stage);
        for (int block = 0; w.has(nth(layer, block) + ".conv1.weight"); ++block) {
            const std::string name = nth(layer, block);
            const bool bottleneck = w.has(name + ".conv3.weight");
            const int stride = stage > 1 && block == 0 ? 2 : 1;
            Tensor inner = w.norm(name + ".bn1", w.conv(name + ".conv1", y, bottleneck ? 1 : stride)).relu();
            inner = w.norm(name + ".bn2", w.conv(name + ".conv2", inner, bottleneck ? stride : 1));
            if (bottleneck) inner = w.norm(name + ".bn3", w.conv(name + ".conv3", inner.relu()));
            const std::string shortcut = name + (cifar ? ".shortcut" : ".downsample");
            const Tensor around = w.has(shortcut + ".0.weight")
                                      ? w.norm(shortcut + ".1", w.conv(shortcut + ".0", y, stride))
                                      : y;
            const bool is_last = !w.has(nth(layer, block + 1) + ".conv1.weight");
            y = is_last ? e.relu(inner + around) : (inner + around).relu();
        }
    }
    e.logits = w.linear(cifar ? "linear" : "fc", e.last(average(y)));
    return e;
}

Expected mobilenet_v3(const Weights& w, const Tensor& x) {
    Expected e;
    const auto step = [&](const std::string& name, const Tensor& in, int stride = 1) {
        return w.norm(name + ".1", w.conv(name + ".0", in, stride), 1e-3);
    };
    // Table 2 of the paper: blocks 1 to 3 with ReLU, the others with hard swish.
    const std::set<int> halving{1, 2, 4, 9}, squeezing{1, 4, 5, 6, 7, 8, 9, 10, 11}, tapped{1, 3, 8, 11};
    Tensor y = step("features.0", x, 2);
    e.preactivations.push_back(y);
    y = e.last(hard_swish(y));
    for (int block = 1; block <= 11; ++block) {
        const auto active = [&](const Tensor& t) { return block <= 3 ? t.relu() : hard_swish(t); };
        const std::string name = nth("features", block) + ".block";
        int part = 0;
        Tensor inner = y;
        if (block > 1) inner = active(step(nth(name, part++), inner));
        inner = active(step(nth(name, part++), inner, halving.contains(block) ? 2 : 1));
        if (squeezing.contains(block)) {
            const std::string se = nth(name, part++);
            const Tensor mean = inner.mean({2, 3}, true);
            const Tensor weight = w.conv(se + ".fc2", w.conv(se + ".fc1", mean).relu());
            inner = inner * ((weight + 3).clamp(0, 6) / 6);
        }
        inner = step(nth(name, part), inner);
        y = inner.sizes() == y.sizes() ? inner + y : inner;
        if (tapped.contains(block)) e.plain(y);
    }
    y = average(hard_swish(step("features.12", y)));
    e.logits = w.linear("classifier.3", e.last(hard_swish(w.linear("classifier.0", y))));
    return e;
}

Expected convnext(const Weights& w, const Tensor& x) {
    Expected e;
    const auto over_channels = [&](const std::string& name, const Tensor& in) {
        return w.layer_norm(name, in.movedim(1, -1)).movedim(-1, 1);
    };
    Tensor y = over_channels("stem.1", w.patches("stem.0", x));
    e.plain(y);
    for (int stage = 0; stage < 4; ++stage) {
        const std::string name = nth("stages", stage);
        if (stage > 0) y = w.patches(name + ".downsample.1", over_channels(name + ".downsample.0", y));
        for (int block = 0; w.has(nth(name + ".blocks", block) + ".gamma"); ++block) {
            const std::string b = nth(name + ".blocks", block);
            const Tensor inner = w.conv(
                b + ".mlp.fc2",
                gaussian_unit(w.conv(b + ".mlp.fc1", over_channels(b + ".norm", w.conv(b + ".conv_dw", y)))));
            y = y + inner * w[b + ".gamma"].view({1, -1, 1, 1});
        }
        e.plain(y);
    }
    e.logits = w.linear("head.fc", e.last(w.layer_norm("head.norm", average(y))));
    return e;
}

/// Head by head and sample by sample.
Tensor attention(const Weights& w, const std::string& name, const Tensor& x) {
    std::vector<Tensor> samples;
    for (std::int64_t i = 0; i < x.size(0); ++i) {
        const Tensor qkv = w.linear(name + ".qkv", x[i]);
        std::vector<Tensor> heads;
        for (std::int64_t head = 0; head < 3; ++head) {
            const auto part = [&](std::int64_t which) {
                const auto from = which * 192 + head * 64;
                return qkv.slice(1, from, from + 64);
            };
            const Tensor scores = (part(0).matmul(part(1).t()) / 8).exp();
            heads.push_back((scores / scores.sum(1, true)).matmul(part(2)));
        }
        samples.push_back(torch::cat(heads, 1));
    }
    return w.linear(name + ".proj", torch::stack(samples));
}

Expected vision_transformer(const Weights& w, const Tensor& x) {
    Expected e;
    const auto rows = x.size(2) / 4, columns = x.size(3) / 4;
    const auto picture = [&](const Tensor& tokens) {
        return tokens.slice(1, 1).movedim(2, 1).reshape({x.size(0), 192, rows, columns});
    };
    const Tensor patches = w.patches("patch_embed.proj", x).flatten(2).movedim(1, 2);
    Tensor y = torch::cat({w["cls_token"].repeat({x.size(0), 1, 1}), patches}, 1) + w["pos_embed"];
    e.plain(picture(y));
    for (int block = 0; block < 12; ++block) {
        const std::string b = nth("blocks", block);
        y = y + attention(w, b + ".attn", w.layer_norm(b + ".norm1", y));
        y = y +
            w.linear(b + ".mlp.fc2", gaussian_unit(w.linear(b + ".mlp.fc1", w.layer_norm(b + ".norm2", y))));
        if (block % 3 == 2) e.plain(picture(y));
    }
    e.logits = w.linear("head", e.last(w.layer_norm("norm", y).select(1, 0)));
    return e;
}

struct Second {
    const char* model;
    Expected (*compute)(const Weights&, const Tensor&);
    zoo::Shape input;
};

class SecondImplementation : public testing::TestWithParam<Second> {};

TEST_P(SecondImplementation, GivesTheSameAnswersAndTaps) {
    const auto& [model, compute, input] = GetParam();
    const auto net = zoo::lived_in(model, input, 6);
    net->to(torch::kFloat64);
    const torch::NoGradGuard no_grad;
    const Tensor x = zoo::batch(2, input).to(torch::kFloat64);
    const Answers found = net->forward_taps(x);
    const Expected expected = compute(Weights(*net), x);
    EXPECT_LT(golden::relative_error(found.logits, expected.logits), 1e-9);
    ASSERT_EQ(found.features.size(), expected.features.size());
    for (std::size_t i = 0; i < found.features.size(); ++i)
        EXPECT_LT(golden::relative_error(found.features[i], expected.features[i]), 1e-9) << "feature." << i;
    ASSERT_EQ(found.preactivations.size(), expected.preactivations.size());
    for (std::size_t i = 0; i < found.preactivations.size(); ++i)
        EXPECT_LT(golden::relative_error(found.preactivations[i], expected.preactivations[i]), 1e-9)
            << "preactivation." << i;
}

const std::vector<Second> rows{{"lenet", lenet, {1, 14, 18}},
                               {"wrn_16_2", wide_resnet, {3, 16, 12}},
                               {"wrn_40_1", wide_resnet, {3, 8, 8}},
                               {"vgg8", vgg, {3, 16, 24}},
                               {"vgg19", vgg, {3, 8, 8}},
                               {"ShuffleV2", shuffle_v2, {3, 16, 8}},
                               {"ResNet50", staged_resnet, {3, 8, 8}},
                               {"resnet18", staged_resnet, {3, 32, 40}},
                               {"resnet50", staged_resnet, {3, 32, 32}},
                               {"mobilenet_v3_small", mobilenet_v3, {3, 48, 32}},
                               {"convnext_femto", convnext, {3, 32, 64}},
                               {"vit_tiny", vision_transformer, {3, 8, 16}}};

INSTANTIATE_TEST_SUITE_P(Zoo, SecondImplementation, testing::ValuesIn(rows),
                         [](const auto& info) { return std::string(info.param.model); });

TEST(SecondImplementations, AreThoseThatTheListPromises) {
    std::set<std::string> made;
    for (const Second& row : rows)
        made.insert(row.model);
    for (const char* name : covered::second)
        EXPECT_TRUE(made.contains(name)) << name;
}

} // namespace
} // namespace limbeck
