// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>

#include "backend/data/raw_data.h"
#include "backend/types/error.h"

namespace limbeck {

/// Points in the plane, [N, 2], roughly within ±1.5; `noise` is the standard deviation of what is added to
/// both coordinates. The classes take turns, so that they are equal in size. moons: two half circles.
/// spirals: three arms of one turn. circles: a disc and two rings around it.
Result<RawData> make_planar(std::string_view kind, std::int64_t samples, double noise, std::uint64_t seed,
                            const std::function<bool()>& keep_going);

} // namespace limbeck
