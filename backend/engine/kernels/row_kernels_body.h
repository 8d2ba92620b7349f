// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels themselves, written with GCC's vectors: sixteen channels at once, in registers of whatever
// width the file that includes this is compiled for. Everything is in an unnamed namespace and no library
// header is used: a function compiled for a newer processor must not be what another file gets linked.
#pragma once

#include "backend/engine/kernels/row_kernels.h"

namespace limbeck::kernels {
namespace {

template <int width>
struct Lanes;

#define LIMBECK_LANES(width)                                                                                 \
    template <>                                                                                              \
    struct Lanes<width> {                                                                                    \
        typedef float Float __attribute__((vector_size(4 * (width))));                                       \
        typedef std::int32_t Int __attribute__((vector_size(4 * (width))));                                  \
        typedef std::uint32_t Bits __attribute__((vector_size(4 * (width))));                                \
        typedef std::uint16_t Half __attribute__((vector_size(2 * (width))));                                \
    }
LIMBECK_LANES(16);
LIMBECK_LANES(4);
LIMBECK_LANES(1);
#undef LIMBECK_LANES

template <int width>
using Float = typename Lanes<width>::Float;

/// Loads and stores without a demand on alignment.
template <class Vector, class Scalar>
inline Vector load_raw(const Scalar* from) {
    Vector value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

template <int width>
inline Float<width> load(const float* from) {
    return load_raw<Float<width>>(from);
}

template <int width>
inline void store(float* to, Float<width> value) {
    __builtin_memcpy(to, &value, sizeof value);
}

/// bfloat16 is the upper half of a float.
template <int width>
inline Float<width> load(const std::uint16_t* from) {
    using Bits = typename Lanes<width>::Bits;
    const auto half = load_raw<typename Lanes<width>::Half>(from);
    return (Float<width>)(__builtin_convertvector(half, Bits) << 16);
}

/// Rounded to the nearest, ties to even; NaN stays NaN.
template <int width>
inline void store(std::uint16_t* to, Float<width> value) {
    using Bits = typename Lanes<width>::Bits;
    const Bits bits = (Bits)value;
    Bits rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    const Bits is_nan = (Bits)(value != value);
    rounded = (rounded & ~is_nan) | (is_nan & 0x7fc0U);
    const auto half = __builtin_convertvector(rounded, typename Lanes<width>::Half);
    __builtin_memcpy(to, &half, sizeof half);
}

template <int width>
inline Float<width> positive_part(Float<width> value) {
    const Float<width> zero{};
    return value < zero ? zero : value;
}

/// `gradient` where `value` is not ≤ 0: what ReLU's derivative lets through.
template <int width>
inline Float<width> let_through(Float<width> gradient, Float<width> value) {
    const Float<width> zero{};
    return value <= zero ? zero : gradient;
}

/// Calls body.template run<width>(channel) for all channels, sixteen at a time while there are as many.
template <class Body>
inline void for_channels(std::int64_t channels, const Body& body) {
    std::int64_t c = 0;
    for (; c + 16 <= channels; c += 16)
        body.template run<16>(c);
    for (; c + 4 <= channels; c += 4)
        body.template run<4>(c);
    for (; c < channels; ++c)
        body.template run<1>(c);
}

/// Sums over rows keep four partial sums: one addition need not wait for the one before.
constexpr int unrolled = 4;

template <class Scalar, bool adds>
struct MomentsBody {
    const Scalar *from, *added;
    Scalar* sum;
    std::int64_t rows, channels;
    float *mean, *squares;

    /// A value, once it has been added up and rounded to what others will read.
    template <int width>
    Float<width> first_look(std::int64_t at) const {
        if constexpr (!adds) return load<width>(from + at);
        store<width>(sum + at, load<width>(from + at) + load<width>(added + at));
        return load<width>(sum + at);
    }

    template <int width>
    void run(std::int64_t c) const {
        Float<width> sums[unrolled] = {};
        std::int64_t r = 0;
        for (; r + unrolled <= rows; r += unrolled)
            for (int i = 0; i < unrolled; ++i)
                sums[i] += first_look<width>((r + i) * channels + c);
        for (; r < rows; ++r)
            sums[0] += first_look<width>(r * channels + c);
        const Scalar* x = adds ? sum : from;
        const Float<width> centre = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / (float)rows;
        Float<width> parts[unrolled] = {};
        for (r = 0; r + unrolled <= rows; r += unrolled) {
            for (int i = 0; i < unrolled; ++i) {
                const Float<width> away = load<width>(x + (r + i) * channels + c) - centre;
                parts[i] += away * away;
            }
        }
        for (; r < rows; ++r) {
            const Float<width> away = load<width>(x + r * channels + c) - centre;
            parts[0] += away * away;
        }
        store<width>(mean + c, centre);
        store<width>(squares + c, (parts[0] + parts[1]) + (parts[2] + parts[3]));
    }
};

/// Where what is added comes in.
enum class Adds { nothing, behind, before };

template <class Scalar, Adds adds, bool relu>
struct ForwardBody {
    const Scalar *x, *added;
    Scalar *y, *sum;
    std::int64_t rows;
    Channels channels;

    template <int width>
    void run(std::int64_t c) const {
        const Float<width> scale = load<width>(channels.scale + c), shift = load<width>(channels.shift + c);
        for (std::int64_t at = c; at < rows * channels.count; at += channels.count) {
            Float<width> value = load<width>(x + at);
            if constexpr (adds == Adds::before) {
                store<width>(sum + at, value + load<width>(added + at));
                value = load<width>(sum + at); // rounded to what others will read
            }
            value = value * scale + shift;
            if constexpr (adds == Adds::behind) value += load<width>(added + at);
            if constexpr (relu) value = positive_part<width>(value);
            store<width>(y + at, value);
        }
    }
};

template <class Scalar, Adds adds>
void forward_rows(const Forward& what, std::int64_t rows, const Channels& channels) {
    const auto* x = (const Scalar*)what.x;
    const auto* added = (const Scalar*)what.added;
    auto *y = (Scalar*)what.y, *sum = (Scalar*)what.sum;
    if (what.relu)
        for_channels(channels.count, ForwardBody<Scalar, adds, true>{x, added, y, sum, rows, channels});
    else
        for_channels(channels.count, ForwardBody<Scalar, adds, false>{x, added, y, sum, rows, channels});
}

/// Where g comes from.
enum class Mask { none, from_y, from_x };

template <class Scalar, Mask mask, bool writes>
struct SumsBody {
    const Scalar *dy, *x, *y;
    Scalar* g;
    std::int64_t rows;
    Channels channels;
    float *sum, *product;

    template <int width>
    void run(std::int64_t c) const {
        const Float<width> mean = load<width>(channels.mean + c);
        Float<width> scale{}, shift{};
        if constexpr (mask == Mask::from_x) {
            scale = load<width>(channels.scale + c);
            shift = load<width>(channels.shift + c);
        }
        Float<width> sums[2] = {}, products[2] = {};
        const auto row = [&](std::int64_t r, int i) {
            const std::int64_t at = r * channels.count + c;
            const Float<width> value = load<width>(x + at);
            Float<width> gradient = load<width>(dy + at);
            if constexpr (mask == Mask::from_x)
                gradient = let_through<width>(gradient, value * scale + shift);
            if constexpr (mask == Mask::from_y) gradient = let_through<width>(gradient, load<width>(y + at));
            if constexpr (writes) store<width>(g + at, gradient);
            sums[i] += gradient;
            products[i] += gradient * (value - mean);
        };
        std::int64_t r = 0;
        for (; r + 2 <= rows; r += 2) {
            row(r, 0);
            row(r + 1, 1);
        }
        if (r < rows) row(r, 0);
        store<width>(sum + c, sums[0] + sums[1]);
        store<width>(product + c, products[0] + products[1]);
    }
};

template <class Scalar, bool masks, bool adds>
struct GradientBody {
    const Scalar *g, *x, *more;
    Scalar* dx;
    std::int64_t rows;
    Channels channels;
    const float *slope, *level;

    template <int width>
    void run(std::int64_t c) const {
        const Float<width> mean = load<width>(channels.mean + c), scale = load<width>(channels.scale + c),
                           shift = load<width>(channels.shift + c), slopes = load<width>(slope + c),
                           levels = load<width>(level + c);
        for (std::int64_t at = c; at < rows * channels.count; at += channels.count) {
            const Float<width> value = load<width>(x + at);
            Float<width> gradient = load<width>(g + at);
            if constexpr (masks) gradient = let_through<width>(gradient, value * scale + shift);
            gradient = gradient * scale - (value - mean) * slopes - levels;
            if constexpr (adds) gradient += load<width>(more + at);
            store<width>(dx + at, gradient);
        }
    }
};

template <class Scalar, bool masks>
void gradient_rows(const Backward& what, std::int64_t rows, const Channels& channels, const float* slope,
                   const float* level) {
    const auto *g = (const Scalar*)(what.g ? what.g : what.dy), *x = (const Scalar*)what.x,
               *more = (const Scalar*)what.more;
    auto* dx = (Scalar*)what.dx;
    if (more)
        for_channels(channels.count,
                     GradientBody<Scalar, masks, true>{g, x, more, dx, rows, channels, slope, level});
    else
        for_channels(channels.count,
                     GradientBody<Scalar, masks, false>{g, x, more, dx, rows, channels, slope, level});
}

template <class Scalar>
struct Of {
    static void moments(const Measured& what, std::int64_t rows, std::int64_t channels, float* mean,
                        float* squares) {
        const auto *x = (const Scalar*)what.x, *added = (const Scalar*)what.added;
        auto* sum = (Scalar*)what.sum;
        if (added)
            for_channels(channels, MomentsBody<Scalar, true>{x, added, sum, rows, channels, mean, squares});
        else
            for_channels(channels, MomentsBody<Scalar, false>{x, added, sum, rows, channels, mean, squares});
    }

    static void forward(const Forward& what, std::int64_t rows, const Channels& channels) {
        if (!what.added)
            forward_rows<Scalar, Adds::nothing>(what, rows, channels);
        else if (what.sum)
            forward_rows<Scalar, Adds::before>(what, rows, channels);
        else
            forward_rows<Scalar, Adds::behind>(what, rows, channels);
    }

    template <Mask mask, bool writes>
    static void sums(const Backward& what, std::int64_t rows, const Channels& channels, float* sum,
                     float* product) {
        for_channels(channels.count, SumsBody<Scalar, mask, writes>{
                                         (const Scalar*)what.dy, (const Scalar*)what.x, (const Scalar*)what.y,
                                         (Scalar*)what.g, rows, channels, sum, product});
    }

    static void gradient_sums(const Backward& what, std::int64_t rows, const Channels& channels, float* sum,
                              float* product) {
        if (!what.relu)
            sums<Mask::none, false>(what, rows, channels, sum, product);
        else if (!what.y)
            sums<Mask::from_x, false>(what, rows, channels, sum, product);
        else if (what.g)
            sums<Mask::from_y, true>(what, rows, channels, sum, product);
        else
            sums<Mask::from_y, false>(what, rows, channels, sum, product);
    }

    static void gradient(const Backward& what, std::int64_t rows, const Channels& channels,
                         const float* slope, const float* level) {
        if (what.relu && !what.g)
            gradient_rows<Scalar, true>(what, rows, channels, slope, level);
        else
            gradient_rows<Scalar, false>(what, rows, channels, slope, level);
    }
};

using Single = Of<float>;
using Brain = Of<std::uint16_t>;

void moments(Element element, const Measured& what, std::int64_t rows, std::int64_t channels, float* mean,
             float* squares) {
    element == Element::f32 ? Single::moments(what, rows, channels, mean, squares)
                            : Brain::moments(what, rows, channels, mean, squares);
}

void forward(Element element, const Forward& what, std::int64_t rows, const Channels& channels) {
    element == Element::f32 ? Single::forward(what, rows, channels) : Brain::forward(what, rows, channels);
}

void gradient_sums(Element element, const Backward& what, std::int64_t rows, const Channels& channels,
                   float* sum, float* product) {
    element == Element::f32 ? Single::gradient_sums(what, rows, channels, sum, product)
                            : Brain::gradient_sums(what, rows, channels, sum, product);
}

void gradient(Element element, const Backward& what, std::int64_t rows, const Channels& channels,
              const float* slope, const float* level) {
    element == Element::f32 ? Single::gradient(what, rows, channels, slope, level)
                            : Brain::gradient(what, rows, channels, slope, level);
}

constexpr RowKernels all_kernels{moments, forward, gradient_sums, gradient};

} // namespace
} // namespace limbeck::kernels
