// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/planar.h"

#include <cmath>

#include "backend/types/exact_math.h"
#include "backend/types/random.h"

namespace limbeck {

namespace {

struct Point {
    double x = 0, y = 0;
};

Point moon(int label, Random& random) {
    const double half_turn = random.uniform() / 2;
    const double x = exact::cosine(half_turn), y = exact::sine(half_turn);
    return label == 0 ? Point{x - 0.5, y - 0.25} : Point{0.5 - x, 0.25 - y};
}

Point spiral(int label, Random& random) {
    // The square root spreads the points evenly along the arm's growing length.
    const double along = std::sqrt(random.uniform());
    const double turns = along * 0.9 + label / 3.0;
    const double radius = 0.1 + 1.2 * along;
    return {radius * exact::cosine(turns), radius * exact::sine(turns)};
}

Point circle(int label, Random& random) {
    const double turns = random.uniform();
    const double radius = label == 0 ? 0.35 * std::sqrt(random.uniform()) : 0.65 * label;
    return {radius * exact::cosine(turns), radius * exact::sine(turns)};
}

} // namespace

Result<RawData> make_planar(std::string_view kind, std::int64_t samples, double noise, std::uint64_t seed,
                            const std::function<bool()>& keep_going) {
    const auto draw = kind == "moons" ? moon : kind == "spirals" ? spiral : circle;
    RawData raw;
    Dataset& dataset = raw.dataset;
    dataset.input = {{2}};
    if (kind == "moons")
        dataset.class_names = {"upper", "lower"};
    else if (kind == "spirals")
        dataset.class_names = {"arm 1", "arm 2", "arm 3"};
    else
        dataset.class_names = {"disc", "inner ring", "outer ring"};
    const auto classes = static_cast<std::int64_t>(dataset.class_names.size());
    for (std::int64_t i = 0; i < samples; ++i) {
        if (i % 65536 == 0 && keep_going && !keep_going())
            return failure(ErrorKind::cancelled, "Making the data was cancelled.");
        Random random(stream_seed(seed, kind, static_cast<std::uint64_t>(i)));
        const Point point = draw(static_cast<int>(i % classes), random);
        // Two statements: the order in which a call's arguments are drawn is the compiler's choice.
        const double x = point.x + noise * random.normal();
        const double y = point.y + noise * random.normal();
        dataset.values.push_back(static_cast<float>(x));
        dataset.values.push_back(static_cast<float>(y));
        dataset.labels.push_back(i % classes);
    }
    raw.own_test = samples;
    return raw;
}

} // namespace limbeck
