// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "backend/engine/models/network.h"

namespace limbeck {

/// How a network of the zoo is made. Inner to backend/engine/models.
struct Maker {
    std::string_view name;
    Result<std::shared_ptr<Network>> (*make)(const NetworkSpec&, const InputSpec&, std::int64_t classes);
};

/// In the catalogue's order. What a network takes (pictures, their smallest side, options) is said there,
/// once.
std::span<const Maker> makers();

} // namespace limbeck
