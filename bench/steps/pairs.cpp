// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/steps/pairs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "backend/data/data.h"
#include "backend/types/random.h"

namespace limbeck::bench {

namespace {

constexpr std::int64_t picture_classes = 100, picture_channels = 3, picture_side = 32;
constexpr double grey = 127.5, wave_height = 25, noise_height = 30;

/// One wave of a class's pattern in one channel.
struct Wave {
    double across = 0, down = 0, phase = 0;

    double at(std::int64_t y, std::int64_t x) const {
        const auto turns = across * static_cast<double>(x) + down * static_cast<double>(y);
        return std::sin(2 * std::numbers::pi * (turns / static_cast<double>(picture_side) + phase));
    }
};

using Waves = std::array<Wave, 3>;

Waves draw_waves(Random& random) {
    Waves waves;
    for (Wave& wave : waves) {
        wave.across = random.uniform(0, 6);
        wave.down = random.uniform(0, 6);
        wave.phase = random.uniform();
    }
    return waves;
}

/// Grey levels of each class without noise, C-major.
std::vector<std::vector<double>> draw_patterns() {
    std::vector<std::vector<double>> patterns;
    for (std::int64_t label = 0; label < picture_classes; ++label) {
        Random random(stream_seed(0, "bench.pattern", static_cast<std::uint64_t>(label)));
        std::vector<double> pattern;
        for (std::int64_t channel = 0; channel < picture_channels; ++channel) {
            const Waves waves = draw_waves(random);
            for (std::int64_t y = 0; y < picture_side; ++y)
                for (std::int64_t x = 0; x < picture_side; ++x)
                    pattern.push_back(
                        std::accumulate(waves.begin(), waves.end(), grey, [&](double sum, const Wave& wave) {
                            return sum + wave_height * wave.at(y, x);
                        }));
        }
        patterns.push_back(std::move(pattern));
    }
    return patterns;
}

std::uint8_t level(double value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

std::shared_ptr<Dataset> make_pictures() {
    auto data = std::make_shared<Dataset>();
    data->name = "pictures";
    data->input = {{picture_channels, picture_side, picture_side}};
    for (std::int64_t label = 0; label < picture_classes; ++label)
        data->class_names.push_back("pattern " + std::to_string(label));
    const auto patterns = draw_patterns();
    for (std::int64_t i = 0; i < data_samples; ++i) {
        Random random(stream_seed(0, "bench.picture", static_cast<std::uint64_t>(i)));
        const auto label = i % picture_classes;
        data->labels.push_back(label);
        for (const double value : patterns[static_cast<std::size_t>(label)])
            data->bytes.push_back(level(value + noise_height * random.normal()));
    }
    // What the levels are drawn around and how far they stray; it need not be measured.
    data->mean.assign(picture_channels, 0.5f);
    data->stddev.assign(picture_channels, 0.2f);
    return data;
}

Result<std::shared_ptr<Dataset>> make_builtin(const std::string& kind) {
    DataConfig config;
    config.dataset.kind = kind;
    config.samples = data_samples;
    const auto data = load_dataset(config, ".");
    if (!data) return tl::unexpected(data.error());
    return std::make_shared<Dataset>(**data);
}

const std::array pairs{
    Pair{"resnet56-resnet20", {"resnet56", {}, {}}, {"resnet20", {}, {}}, "pictures"},
    Pair{"wrn_40_2-wrn_16_2", {"wrn_40_2", {}, {}}, {"wrn_16_2", {}, {}}, "pictures"},
    Pair{"resnet20-mlp", {"resnet20", {}, {}}, {"mlp", {{"hidden", "32"}}, {}}, "glyphs"},
    Pair{"resnet20-lenet", {"resnet20", {}, {}}, {"lenet", {}, {}}, "glyphs"},
    Pair{"mlp-mlp", {"mlp", {{"hidden", "64x64"}}, {}}, {"mlp", {{"hidden", "16"}}, {}}, "moons"},
};

} // namespace

std::span<const Pair> all_pairs() {
    return pairs;
}

Result<Pair> find_pair(std::string_view name) {
    std::string known;
    for (const Pair& pair : pairs) {
        if (pair.name == name) return pair;
        known += (known.empty() ? "" : ", ") + pair.name;
    }
    return failure(ErrorKind::usage,
                   "There is no pair \"" + std::string(name) + "\"; known are " + known + ".");
}

Result<std::shared_ptr<Dataset>> make_data(const Pair& pair) {
    auto data =
        pair.data == "pictures" ? Result<std::shared_ptr<Dataset>>(make_pictures()) : make_builtin(pair.data);
    if (!data) return data;
    (*data)->train.resize((*data)->labels.size());
    std::iota((*data)->train.begin(), (*data)->train.end(), 0);
    (*data)->validation.clear();
    (*data)->test.clear();
    return data;
}

} // namespace limbeck::bench
