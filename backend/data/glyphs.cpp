// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/glyphs.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "backend/data/glyph_canvas.h"
#include "backend/data/glyph_strokes.h"
#include "backend/data/glyph_warp.h"
#include "backend/types/random.h"

namespace limbeck {

namespace {

/// Roughly normal with mean 0 and standard deviation 1: the number of set bits in 64 (binomial) and a uniform
/// part that fills the gaps between them. A tenth of the price of an exact one, and nothing but noise hangs
/// on it.
double rough_normal(Random& random) {
    const int bits = std::popcount(random.next()) - 32;          // variance 16
    const double fill = random.uniform() + random.uniform() - 1; // variance 1/6
    constexpr double spread = 4.020779360604942;                 // sqrt(16 + 1/6)
    return (bits + fill) / spread;
}

void draw_digit(GlyphCanvas& canvas, int digit, Random& random) {
    const auto& variants = digit_variants(digit);
    const Strokes& strokes = variants[random.below(variants.size())];
    const GlyphWarp warp(random);
    const double radius = random.uniform(0.55, 1.7), softness = random.uniform(0.4, 0.9);
    const double ink = random.uniform(0.55, 1);
    for (const Stroke& stroke : strokes) {
        Stroke warped;
        warped.reserve(stroke.size());
        for (const GlyphPoint& point : stroke)
            warped.push_back(warp(point));
        canvas.draw(warped, radius, softness, ink);
    }
}

/// Short lines that belong to no digit.
void draw_stray_marks(GlyphCanvas& canvas, Random& random) {
    const auto marks = random.below(3);
    for (std::uint64_t i = 0; i < marks; ++i) {
        const double x = random.uniform(0, GlyphCanvas::side), y = random.uniform(0, GlyphCanvas::side);
        const double dx = random.uniform(-6, 6), dy = random.uniform(-6, 6);
        const double radius = random.uniform(0.4, 1.2);
        canvas.draw({{x, y}, {x + dx, y + dy}}, radius, 0.6, random.uniform(0.3, 0.9));
    }
}

} // namespace

Result<RawData> make_glyphs(std::int64_t samples, double noise, std::uint64_t seed,
                            const std::function<bool()>& keep_going) {
    RawData raw;
    Dataset& dataset = raw.dataset;
    dataset.input = {{1, GlyphCanvas::side, GlyphCanvas::side}};
    for (int digit = 0; digit < 10; ++digit)
        dataset.class_names.push_back(std::to_string(digit));
    dataset.bytes.reserve(static_cast<std::size_t>(samples * dataset.input.values()));
    for (std::int64_t i = 0; i < samples; ++i) {
        if (i % 256 == 0 && keep_going && !keep_going())
            return failure(ErrorKind::cancelled, "Making the data was cancelled.");
        Random random(stream_seed(seed, "glyphs", static_cast<std::uint64_t>(i)));
        const int digit = static_cast<int>(i % 10);
        GlyphCanvas canvas;
        draw_stray_marks(canvas, random);
        draw_digit(canvas, digit, random);
        for (double ink : canvas.pixels()) {
            const double grey = 255 * (ink + noise * rough_normal(random));
            dataset.bytes.push_back(
                static_cast<std::uint8_t>(std::clamp(std::floor(grey + 0.5), 0.0, 255.0)));
        }
        dataset.labels.push_back(digit);
    }
    raw.own_test = samples;
    return raw;
}

} // namespace limbeck
