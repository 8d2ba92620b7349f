// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/error.h"

namespace limbeck {

/// One layer of a network that a person has put together ("stack:conv3-32,bn,relu,pool2,…,fc").
///   convK-C[sS]  convolution K×K to C channels, stride S (default 1), padding K/2, with bias
///   bn           batch norm
///   relu, gelu   activation
///   poolK        max pooling K×K, stride K
///   avgK         average pooling K×K, stride K;  gap: average over the whole picture (then [C])
///   dropP        dropout with probability P, 0 < P < 1
///   flatten      [C, H, W] to [C·H·W]
///   fcN          linear to N values (flattens by itself); fc: the classifier, the last layer always
struct StackLayer {
    enum class Kind {
        convolution,
        batch_norm,
        relu,
        gelu,
        max_pool,
        average_pool,
        global_pool,
        dropout,
        flatten,
        linear
    };
    Kind kind = Kind::relu;
    std::int64_t side = 0;   ///< K
    std::int64_t width = 0;  ///< C or N; 0 for the classifier: the data's classes
    std::int64_t stride = 1; ///< S
    double probability = 0;  ///< P
    bool operator==(const StackLayer&) const = default;
};

/// Commas between the layers. Refuses what cannot be read, naming the layer and its place.
Result<std::vector<StackLayer>> parse_stack(std::string_view text);
std::string to_string(const StackLayer& layer);
std::string to_string(const std::vector<StackLayer>& layers);

/// The shape after each layer for one sample of that input shape ([C, H, W] or [D]), and the layer's
/// parameters. Refuses what does not fit, naming the layer, its place and the shape that it meets.
struct StackShape {
    std::vector<std::int64_t> shape;
    std::int64_t parameters = 0;
};

Result<std::vector<StackShape>> flow_shapes(const std::vector<StackLayer>& layers,
                                            const std::vector<std::int64_t>& input, std::int64_t classes);

} // namespace limbeck
