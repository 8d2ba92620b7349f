// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace limbeck {

/// SplitMix64 (Steele, Lea, Flood 2014): one well-mixed 64-bit number from another.
constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/// Seed of a named stream of a run ("initialisation", "order", "augmentation", …). Streams are
/// independent of each other, so that drawing more from one never moves another.
constexpr std::uint64_t stream_seed(std::uint64_t seed, std::string_view stream, std::uint64_t counter = 0) {
    std::uint64_t h = mix(seed);
    for (char c : stream)
        h = mix(h ^ static_cast<unsigned char>(c));
    return mix(h ^ counter);
}

/// A small generator with the same numbers on every machine (the standard's distributions differ
/// between libraries). Its whole state is one number: seed it per epoch or step and a resumed run
/// needs nothing saved.
class Random {
    __extension__ using Wide = unsigned __int128;

  public:
    explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

    constexpr std::uint64_t next() {
        const std::uint64_t value = mix(state_);
        state_ += 0x9E3779B97F4A7C15ULL;
        return value;
    }

    /// Uniform in [0, 1), 53 bits.
    constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    constexpr double uniform(double low, double high) { return low + (high - low) * uniform(); }

    /// Uniform in [0, n), n > 0 (Lemire's multiply-shift; the bias is below 2^-32 for n < 2^32).
    constexpr std::uint64_t below(std::uint64_t n) {
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * n) >> 64);
    }

    /// Standard normal (Box-Muller, one of the pair).
    double normal();

  private:
    std::uint64_t state_;
};

} // namespace limbeck
