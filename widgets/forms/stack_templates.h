// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace limbeck {

/// Layers to begin with.
struct StackTemplate {
    std::string_view title, description, layers;
    bool needs_picture = true;
};

/// The first that needs a picture and the first that does not are what a new stack begins with.
std::span<const StackTemplate> stack_templates();

} // namespace limbeck
