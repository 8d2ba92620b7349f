// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>

#include "backend/data/split.h"

namespace limbeck {

namespace {

/// A value below this spread is taken for constant; a grey level is 1/255 = 0.004.
constexpr double smallest_spread = 1e-6;

void store(Dataset& dataset, double mean, double variance) {
    const double spread = std::sqrt(variance);
    dataset.mean.push_back(static_cast<float>(mean));
    dataset.stddev.push_back(spread > smallest_spread ? static_cast<float>(spread) : 1.0f);
}

/// By counting the 256 levels: exact whatever the order, and one pass over the pictures.
void measure_bytes(Dataset& dataset) {
    const auto channels = static_cast<std::size_t>(dataset.input.channels());
    const auto values = static_cast<std::size_t>(dataset.input.values());
    const std::size_t plane = values / channels;
    std::vector<std::array<std::uint64_t, 256>> levels(channels, std::array<std::uint64_t, 256>{});
    for (std::int64_t sample : dataset.train) {
        const std::uint8_t* value = dataset.bytes.data() + static_cast<std::size_t>(sample) * values;
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t at = 0; at < plane; ++at)
                ++levels[channel][*value++];
    }
    const double count = static_cast<double>(dataset.train.size()) * static_cast<double>(plane);
    for (const auto& level : levels) {
        double mean = 0, variance = 0;
        for (std::size_t byte = 0; byte < 256; ++byte)
            mean += static_cast<double>(level[byte]) * (static_cast<double>(byte) / 255);
        mean /= count;
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const double away = static_cast<double>(byte) / 255 - mean;
            variance += static_cast<double>(level[byte]) * away * away;
        }
        store(dataset, mean, variance / count);
    }
}

void measure_values(Dataset& dataset) {
    const auto features = static_cast<std::size_t>(dataset.input.values());
    const auto count = static_cast<double>(dataset.train.size());
    for (std::size_t feature = 0; feature < features; ++feature) {
        const auto value = [&](std::int64_t sample) {
            return static_cast<double>(dataset.values[static_cast<std::size_t>(sample) * features + feature]);
        };
        double mean = 0, variance = 0;
        for (std::int64_t sample : dataset.train)
            mean += value(sample);
        mean /= count;
        // A second pass over the differences: the short formula loses its digits where the mean is large.
        for (std::int64_t sample : dataset.train)
            variance += (value(sample) - mean) * (value(sample) - mean);
        store(dataset, mean, variance / count);
    }
}

} // namespace

void measure_normalisation(Dataset& dataset) {
    dataset.mean.clear();
    dataset.stddev.clear();
    if (dataset.bytes.empty())
        measure_values(dataset);
    else
        measure_bytes(dataset);
}

} // namespace limbeck
