// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "backend/types/tensor_map.h"

/// Reading and writing tensors piece by piece, so that nothing is held twice in memory and the object store
/// can hash on the way. Throws Failure.
namespace limbeck {

/// Fills the span from the current position; gives how much there was.
using ByteSource = std::function<std::size_t(std::span<std::byte>)>;
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// `size` is the whole length; every byte is asked for once, in order.
TensorMap read_tensors(const ByteSource& source, std::uint64_t size, const std::string& name);
void write_tensors(const TensorMap& tensors, const ByteSink& sink);

} // namespace limbeck
