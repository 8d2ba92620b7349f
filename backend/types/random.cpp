// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/random.h"

#include <cmath>

#include "backend/types/exact_math.h"

namespace limbeck {

double Random::normal() {
    const double radius = std::sqrt(-2 * exact::log(1 - uniform())); // 1 − u lies in (0, 1]
    return radius * exact::cosine(uniform());
}

} // namespace limbeck
