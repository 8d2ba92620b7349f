// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/exact_math.h"

#include <cmath>

namespace limbeck::exact {

namespace {

constexpr double ln2 = 0.69314718055994530942;
constexpr double two_pi = 6.28318530717958647693;

// Taylor series on |x| <= pi/4, where the first term left out is below 1e-16.
double sine_series(double x) {
    const double square = x * x;
    double sum = 0;
    for (int k = 17; k >= 3; k -= 2)
        sum = (1 + sum) * (-square / static_cast<double>(k * (k - 1)));
    return x * (1 + sum);
}

double cosine_series(double x) {
    const double square = x * x;
    double sum = 0;
    for (int k = 18; k >= 2; k -= 2)
        sum = (1 + sum) * (-square / static_cast<double>(k * (k - 1)));
    return 1 + sum;
}

} // namespace

double log(double x) {
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent); // exact; in [0.5, 1)
    if (mantissa < 0.70710678118654752) {
        mantissa *= 2;
        --exponent;
    }
    // log(m) = 2 artanh((m − 1)/(m + 1)), and the argument is at most 0.172.
    const double ratio = (mantissa - 1) / (mantissa + 1);
    const double square = ratio * ratio;
    double sum = 0;
    for (int k = 23; k >= 1; k -= 2)
        sum = sum * square + 1.0 / static_cast<double>(k);
    return static_cast<double>(exponent) * ln2 + 2 * ratio * sum;
}

double exp(double x) {
    const double whole = std::floor(x / ln2 + 0.5);
    const double rest = x - whole * ln2;
    double sum = 1;
    for (int k = 16; k >= 1; --k)
        sum = 1 + sum * (rest / static_cast<double>(k));
    return std::ldexp(sum, static_cast<int>(whole));
}

double sine(double turns) {
    const double eighths = std::floor((turns - std::floor(turns)) * 8);
    const double rest = turns - std::floor(turns);
    switch (static_cast<int>(eighths)) {
    case 0:
        return sine_series(rest * two_pi);
    case 1:
    case 2:
        return cosine_series((rest - 0.25) * two_pi);
    case 3:
    case 4:
        return sine_series((0.5 - rest) * two_pi);
    case 5:
    case 6:
        return -cosine_series((rest - 0.75) * two_pi);
    default:
        return sine_series((rest - 1) * two_pi);
    }
}

double cosine(double turns) {
    return sine(turns + 0.25);
}

} // namespace limbeck::exact
